/** The hooks for the CLI: a sentence, the audience, the senders and an example of each. */
import { webhooksOf } from '../operations.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { line, stringLiteral } from '../typescript.js'
import { exampleOf } from './client-webhooks.js'

export function cliHooks({ document, events }: Pick<Source, 'document' | 'events'>): GeneratedFile[] {
  const catalogue = new Map(
    events.flatMap(({ type, subtypes }) => subtypes.map((event) => [`${type}.${event.subtype}`, event])),
  )
  const hooks = webhooksOf(document).map(({ name, summary, audience }) => {
    const { description = summary, senders = [] } = catalogue.get(name) ?? {}
    const about = description.replaceAll('\n', ' ').trim()
    return `${stringLiteral(name)}: ${line({ about, audience, senders, example: exampleOf(document, name) })},`
  })
  const contents = `${header('targets/cli-hooks.ts')}
/** Every hook, by \`category.subcategory\`. */
export const hooks = {
  ${hooks.join('\n  ')}
} as const
`
  return [{ path: 'packages/cli/src/generated/hooks.ts', contents }]
}
