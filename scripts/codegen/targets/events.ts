/** The event catalogue (openapi/events.yaml): who sends what, what it does, and what its `metadata` holds. */
import type { EventGroup, EventSubtype } from '../catalogues.js'
import { webhooksOf } from '../operations.js'
import { componentName } from '../schema/reference.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { comment, importOf, indent, objectLiteral, stringLiteral, unionType, valueLiteral } from '../typescript.js'

const PATH = 'packages/contract/src/generated/events.ts'

export function events({ document, events: groups }: Pick<Source, 'document' | 'events'>): GeneratedFile[] {
  const entries = groups.flatMap((group) => group.subtypes.map((subtype) => entryOf(group, subtype)))
  checkHooks(
    entries.map(({ name }) => name),
    webhooksOf(document).map(({ name }) => name),
  )
  const names = [...new Set(entries.flatMap(({ metadata }) => metadata ?? []))].sort()
  const imports = importOf(names, './schemas.js', 'import type')
  const subtypes = groups.map(({ type, description, subtypes: list }) => {
    const union = unionType(list.map(({ subtype }) => stringLiteral(subtype)))
    return indent(`${comment([description])}${type}: ${union}`)
  })
  const metadata = entries.map((entry) => {
    const schema = entry.metadata ?? 'undefined'
    return indent(`${comment([entry.description])}${stringLiteral(entry.name)}: ${schema}`)
  })
  const catalogue = entries.map(({ name, ...entry }) => [name, valueLiteral(entry)] as const)
  const body = `/** The subtypes of every event type. */
export interface EventSubtypes {
  ${subtypes.join('\n  ')}
}

export type EventType = keyof EventSubtypes
export type EventSubtype<Type extends EventType = EventType> = EventSubtypes[Type]

/** What an event's \`metadata\` string holds as JSON, by \`type.subtype\`; undefined where the catalogue names no schema. */
export interface EventMetadata {
  ${metadata.join('\n  ')}
}

/** \`type.subtype\` */
export type EventName = keyof EventMetadata

/** Every event, by \`type.subtype\`; \`senders\` are kinds of listeners or \`tract\`, \`metadata\` names a component schema. */
export const eventCatalogue = ${objectLiteral(catalogue)} as const satisfies Record<EventName, object>
`
  return [{ path: PATH, contents: `${header('targets/events.ts')}${imports}\n${body}` }]
}

function entryOf(
  group: EventGroup,
  { subtype, also, description, senders, audience, effect, metadata, extension }: EventSubtype,
) {
  return {
    name: `${group.type}.${subtype}`,
    type: group.type,
    subtype,
    ...(also === undefined ? {} : { also }),
    description,
    senders,
    ...(audience ? { audience } : {}),
    effect,
    metadata: metadata ? componentName(metadata.$ref) : null,
    extension: extension ?? group.extension ?? false,
  }
}

/** Every event reaches a hook of its own, and every hook is an event of the catalogue. */
function checkHooks(catalogue: readonly string[], webhooks: readonly string[]): void {
  const unheard = catalogue.filter((name) => !webhooks.includes(name))
  if (unheard.length > 0) throw new Error(`in events.yaml and no webhook of the document: ${unheard.join(', ')}`)
  const unknown = webhooks.filter((name) => !catalogue.includes(name))
  if (unknown.length > 0) throw new Error(`webhooks that events.yaml does not have: ${unknown.join(', ')}`)
}
