/** The hooks that follow from the event catalogue: each row of it is a hook of `webhooks`. */
import type { ErrorGroup, EventGroup, EventSubtype } from './catalogues.js'
import type { OpenApiDocument, PathItem } from './document.js'
import { pascalCase } from './typescript.js'

/** Fields of a row of events.yaml, or of its type. `example` has the fields that are not usual. */
interface Shared {
  extension?: boolean
  senders?: string[]
  metadata?: string
  example?: object
  /** What its hook may be answered, where that is more than an acknowledgement. */
  answer?: { schema: string; example: object }
}
type Row = Omit<EventSubtype, 'metadata' | 'senders'> & Shared
export type Rows = readonly (Omit<EventGroup, 'subtypes'> & Shared & { subtypes: Row[] })[]

type Hooks = NonNullable<OpenApiDocument['webhooks']>

/**
 * @param usual an event's example; a row's `example` has the fields that differ
 * @param own hooks that carry no event
 */
export function eventHooks(events: Rows, usual: object, own: Hooks = {}): Hooks {
  const hooks = events.flatMap(({ type, subtypes, ...shared }) =>
    subtypes.map((row) => {
      const name = `${type}.${row.subtype}`
      return [name, own[name] ?? hookOf(type, { ...shared, ...row }, usual)] as const
    }),
  )
  return { ...Object.fromEntries(hooks), ...own }
}

function hookOf(type: string, event: Row, usual: object): PathItem {
  const { subtype, description, also, extension, answer } = event
  const schema = { $ref: '#/components/schemas/ReceivedEvent' }
  const example = { ...usual, type, subtype, ...event.example }
  return {
    post: {
      operationId: `on${pascalCase(type)}${pascalCase(subtype)}`,
      summary: `Receive event ${type}/${subtype} from TRACT`,
      description: also ? `${description} The source writes \`${also}\`.` : description,
      ...(extension && { 'x-tract-extension': true }),
      requestBody: { content: { 'application/json': { schema, example } } },
      ...(answer && { responses: { '200': acknowledgement(answer) } }),
    },
  }
}

const acknowledgement = ({ schema, example }: NonNullable<Shared['answer']>) => ({
  description: 'Acknowledged; any other 2xx acknowledges too.',
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` }, example } },
})

/** The lists of `x-enum-of`, `x-extensible-enum-of` and `x-also-of` in schemas. */
export function listsOf(events: Rows, errors: readonly ErrorGroup[]): Record<string, unknown> {
  const also = ({ subtypes }: Rows[number]) => subtypes.flatMap((row) => row.also ?? [])
  const subtypes = (group: Rows[number]) => group.subtypes.map(({ subtype }) => subtype)
  const rows = events.flatMap((group) => group.subtypes)
  return {
    event_types: events.map(({ type }) => type),
    event_subtypes: events.flatMap(subtypes),
    event_names: events.flatMap((group) => [...subtypes(group), ...also(group)]),
    source_names: Object.fromEntries(rows.flatMap(({ subtype, also }) => (also ? [[subtype, also]] : []))),
    error_codes: errors.flatMap((group) => group.errors.map(({ code }) => code)),
  }
}

/** The catalogue for readers: with the source's spellings, and references into the document. */
export function catalogueOf(events: Rows): EventGroup[] {
  return events.map(({ type, extension, description, subtypes, ...shared }) => ({
    type,
    ...(extension && { extension }),
    description,
    subtypes: subtypes.map((row) => subtypeOf({ ...shared, ...(extension && { extension }), ...row })),
  }))
}

function subtypeOf({ subtype, also, extension, description, senders = [], effect, metadata }: Row): EventSubtype {
  return {
    subtype,
    ...(also && { also }),
    ...(extension && { extension }),
    description: also ? `${description} The source writes \`${also}\`, which callers may too.` : description,
    senders,
    effect,
    ...(metadata && { metadata: { $ref: `#/components/schemas/${metadata}` } }),
  }
}
