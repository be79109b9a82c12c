/** Which contract the generated code is of. */
import { createHash } from 'node:crypto'
import { type GeneratedFile, header, type Source } from '../source.js'
import { stringLiteral } from '../typescript.js'

const PATH = 'packages/contract/src/generated/contract.ts'

export function contract({
  document,
  errors,
  events,
}: Pick<Source, 'document' | 'errors' | 'events'>): GeneratedFile[] {
  const hash = createHash('sha256').update(JSON.stringify({ document, errors, events })).digest('hex')
  const body = `/** The version of the contract, as its document states it. */
export const contractVersion = ${stringLiteral(document.info.version)}

/** SHA-256 of the bundled document and its catalogues. */
export const contractHash = '${hash}'
`
  return [{ path: PATH, contents: `${header('targets/contract.ts')}\n${body}` }]
}
