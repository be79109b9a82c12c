/** The hooks that follow from the event catalogue: a row with a sentence and an example is a hook of `webhooks`. */
import type { EventGroup, EventSubtype } from './catalogues.js'
import type { OpenApiDocument, PathItem } from './document.js'

/** A row of events.yaml: `metadata` names a component schema, `example` has what is other than usual. */
type Row = Omit<EventSubtype, 'metadata'> & { metadata?: string; example?: object }
export type Rows = readonly (Omit<EventGroup, 'subtypes'> & { subtypes: Row[] })[]

type Hooks = NonNullable<OpenApiDocument['webhooks']>

/**
 * @param usual the example of an event, of which a row's `example` says what differs
 * @param own the hooks that carry something else than an event
 * @returns a hook for every row, in the catalogue's order
 */
export function eventHooks(events: Rows, usual: object, own: Hooks = {}): Hooks {
  const hooks = events.flatMap(({ type, subtypes }) =>
    subtypes.map((event) => {
      const name = `${type}.${event.subtype}`
      return [name, own[name] ?? hookOf(type, event, usual)] as const
    }),
  )
  return { ...Object.fromEntries(hooks), ...own }
}

function hookOf(type: string, event: Row, usual: object): PathItem {
  const { subtype, description, also, extension } = event
  const schema = { $ref: '#/components/schemas/ReceivedEvent' }
  const example = { ...usual, type, subtype, ...event.example }
  return {
    post: {
      operationId: `on${pascalCase(type)}${pascalCase(subtype)}`,
      summary: `Receive event ${type}/${subtype} from TRACT`,
      description: `${also ? `${description} The source writes \`${also}\`.` : description}\n`,
      ...(extension && { 'x-tract-extension': true }),
      requestBody: { content: { 'application/json': { schema, example } } },
    },
  }
}

const pascalCase = (name: string) => name.replaceAll(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase())

/** The catalogue as readers see it: with what the source writes, and references into the one document. */
export function catalogueOf(events: Rows): EventGroup[] {
  return events.map((group) => ({ ...group, subtypes: group.subtypes.map(subtypeOf) }))
}

function subtypeOf({ example: _, metadata, ...row }: Row): EventSubtype {
  const { description, also } = row
  return {
    ...row,
    ...(also && { description: `${description} The source writes \`${also}\`, which callers may too.` }),
    ...(metadata && { metadata: { $ref: `#/components/schemas/${metadata}` } }),
  }
}
