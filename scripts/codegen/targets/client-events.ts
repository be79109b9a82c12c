/** The events that a listener may send, each with its metadata (openapi/events.yaml). */
import type { EventSubtype } from '../catalogues.js'
import { componentName } from '../schema/reference.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { comment, importOf, indent, stringLiteral } from '../typescript.js'

const PATH = 'packages/client/src/generated/events.ts'

/** `sendEvent` is for listeners that talk with users, `sendPlatformEvent` for message delivery. */
const UNIONS = [
  { name: 'OutgoingEvent', base: 'EventSend', about: 'An event that a tool may send.', kinds: ['ect', 'sac', 'iva'] },
  { name: 'PlatformEvent', base: 'PlatformEventSend', about: 'An event that the platform may send.', kinds: ['md'] },
] as const

export function clientEvents({ events }: Pick<Source, 'events'>): GeneratedFile[] {
  const all = events.flatMap(({ type, subtypes }) => subtypes.map((subtype) => ({ type, ...subtype })))
  const unions = UNIONS.map(({ name, base, about, kinds }) => {
    const sent = all.filter(({ senders }) => kinds.some((kind) => senders.includes(kind)))
    if (sent.length === 0) return `${comment([about])}export type ${name} = never\n`
    return `${comment([about])}export type ${name} =\n  ${sent.map((event) => indent(member(base, event))).join('\n  ')}\n`
  })
  const body = `${unions.join('\n')}
/** An event with its metadata as the object that its string holds. */
type EventOf<Base, Type extends string, Subtype extends string, Metadata> = Omit<Base, 'type' | 'subtype' | 'metadata'> & {
  type: Type
  subtype: Subtype
  metadata?: string | Metadata
}
`
  const schemas = all.flatMap(({ metadata }) => (metadata ? [componentName(metadata.$ref)] : []))
  const names = [...new Set([...UNIONS.map(({ base }) => base as string), ...schemas])]
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(unions.join('')))
  return [
    {
      path: PATH,
      contents: `${header('targets/client-events.ts')}${importOf(used.sort(), '@tract/contract', 'import type')}\n${body}`,
    },
  ]
}

function member(
  base: string,
  { type, subtype, metadata, description, effect }: EventSubtype & { type: string },
): string {
  const args = [base, stringLiteral(type), stringLiteral(subtype), metadata ? componentName(metadata.$ref) : 'object']
  return `${comment([description, effect])}| EventOf<${args.join(', ')}>`
}
