/** Which contract the generated code is of. */
import { createHash } from 'node:crypto'
import { type GeneratedFile, header, type Source } from '../source.js'
import { stringLiteral } from '../typescript.js'

const PATH = 'packages/contract/src/generated/contract.ts'

type Parts = Pick<Source, 'document' | 'errors' | 'events'>

export function contract(source: Parts): GeneratedFile[] {
  return [{ path: PATH, contents: `${header('targets/contract.ts')}\n${contractIdentity(source)}` }]
}

export function contractIdentity({ document, errors, events }: Parts): string {
  const hash = createHash('sha256').update(JSON.stringify({ document, errors, events })).digest('hex')
  return `/** The version of the contract, as its document states it. */
export const contractVersion = ${stringLiteral(document.info.version)}

/** SHA-256 of the bundled document and its catalogues. */
export const contractHash = '${hash}'
`
}
