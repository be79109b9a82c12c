/** The event catalogue (openapi/events.yaml): who may send what. */
import { webhooksOf } from '../operations.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { line } from '../typescript.js'

const PATH = 'packages/contract/src/generated/events.ts'

export function events({ document, events: groups }: Pick<Source, 'document' | 'events'>): GeneratedFile[] {
  const entries = groups.flatMap(({ type, subtypes }) =>
    subtypes.map(({ subtype, also, senders }) => ({ name: `${type}.${subtype}`, type, subtype, also, senders })),
  )
  checkHooks(
    entries.map(({ name }) => name),
    webhooksOf(document).map(({ name }) => name),
  )
  const body = `
/**
 * Every event. \`senders\` are kinds of listeners, or \`tract\`; \`also\` is what the source writes for a subtype that is no name, and callers
 * may write too.
 */
export const eventCatalogue = [
  ${entries.map(({ name: _, ...entry }) => `${line(entry)},`).join('\n  ')}
] as const
`
  return [{ path: PATH, contents: `${header('targets/events.ts')}${body}` }]
}

/** Every event reaches a hook of its own, and every hook is an event of the catalogue. */
function checkHooks(catalogue: readonly string[], webhooks: readonly string[]): void {
  const unheard = catalogue.filter((name) => !webhooks.includes(name))
  if (unheard.length > 0) throw new Error(`in events.yaml and no webhook of the document: ${unheard.join(', ')}`)
  const unknown = webhooks.filter((name) => !catalogue.includes(name))
  if (unknown.length > 0) throw new Error(`webhooks that events.yaml does not have: ${unknown.join(', ')}`)
}
