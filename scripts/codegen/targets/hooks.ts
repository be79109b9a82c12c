/** The hooks: what each carries and what its receiver answers, from the document's webhooks (OpenAPI 3.1 §4.8.1). */
import { webhooksOf } from '../operations.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { arrayLiteral, comment, importOf, indent, stringLiteral, valueLiteral } from '../typescript.js'

const PATH = 'packages/contract/src/generated/hooks.ts'

export function hooks({ document }: Pick<Source, 'document'>): GeneratedFile[] {
  const webhooks = webhooksOf(document)
  const member = (name: string, schema: string, summary: string) =>
    indent(`${comment([summary])}${stringLiteral(name)}: ${schema}`)
  const names = [...new Set(webhooks.flatMap(({ payload, answer }) => [payload, answer]))].sort()
  const list = webhooks.map(({ id, ...webhook }) => valueLiteral({ operationId: id, ...webhook }))
  const imports = importOf(names, './schemas.js', 'import type')
  const body = `/** What each hook carries, by \`category.subcategory\`. */
export interface HookPayloads {
  ${webhooks.map(({ name, payload, summary }) => member(name, payload, summary)).join('\n  ')}
}

/** What the receiver of each hook answers. */
export interface HookAnswers {
  ${webhooks.map(({ name, answer }) => member(name, answer, '')).join('\n  ')}
}

/** \`category.subcategory\` */
export type HookName = keyof HookPayloads

/** Every hook, in the order of the document; \`payload\` and \`answer\` name component schemas. */
export const hooks = ${arrayLiteral(list)} as const
`
  return [{ path: PATH, contents: `${header('targets/hooks.ts')}${imports}\n${body}` }]
}
