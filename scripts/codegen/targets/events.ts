/** The event catalogue (openapi/events.yaml): who sends what, and what each hook is for. */
import { webhooksOf } from '../operations.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { line } from '../typescript.js'

const PATH = 'packages/contract/src/generated/events.ts'

export function events({ document, events: groups }: Pick<Source, 'document' | 'events'>): GeneratedFile[] {
  const webhooks = new Map(webhooksOf(document).map(({ name, description }) => [name, description]))
  const names = groups.flatMap(({ type, subtypes }) => subtypes.map(({ subtype }) => `${type}.${subtype}`))
  const unheard = names.filter((name) => !webhooks.has(name))
  if (unheard.length > 0) throw new Error(`in events.yaml and no webhook of the document: ${unheard.join(', ')}`)
  const unknown = [...webhooks.keys()].filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new Error(`webhooks that events.yaml does not have: ${unknown.join(', ')}`)
  const rows = groups.flatMap(({ type, subtypes }) =>
    subtypes.map(({ subtype, also, senders }) =>
      line({ type, subtype, also, senders, description: webhooks.get(`${type}.${subtype}`) }),
    ),
  )
  const body = `
/**
 * Every event. Its hook has the type as category, the subtype as subcategory, and the description.
 * \`senders\` are kinds of listeners, or \`tract\`; \`also\` is the source's spelling of a subtype.
 */
export const eventCatalogue = [
  ${rows.map((text) => `${text},`).join('\n  ')}
] as const
`
  return [{ path: PATH, contents: `${header('targets/events.ts')}${body}` }]
}
