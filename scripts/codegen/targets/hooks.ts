/** The hooks by name, from the document's webhooks (OpenAPI 3.1 §4.8.1). */
import { webhooksOf } from '../operations.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { line } from '../typescript.js'

const PATH = 'packages/contract/src/generated/hooks.ts'

export function hooks({ document }: Pick<Source, 'document'>): GeneratedFile[] {
  const rows = webhooksOf(document).map(({ category, subcategory, description }) =>
    line({ category, subcategory, description }),
  )
  const contents = `${header('targets/hooks.ts')}
/** Every hook, in the order of the document. */
export const hooks = [
  ${rows.map((text) => `${text},`).join('\n  ')}
] as const
`
  return [{ path: PATH, contents }]
}
