/** The contract's version for the SDK, and the error codes of each method (openapi/errors.yaml). */

import { methodsFor } from '../client-method.js'
import type { SdkNames } from '../client-names.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { comment, indent, pascalCase, stringLiteral, typed } from '../typescript.js'
import { grouped, USUAL_CODES } from '../usual-codes.js'
import { contractIdentity } from './contract.js'

const FOLDER = 'packages/client/src/generated'

export function clientContract(source: Source, names?: SdkNames): GeneratedFile[] {
  return [
    { path: `${FOLDER}/contract.ts`, contents: `${header('targets/client-contract.ts')}\n${contractIdentity(source)}` },
    {
      path: `${FOLDER}/error-codes.ts`,
      contents: `${header('targets/client-contract.ts')}\n${errorCodes(source, names)}`,
    },
  ]
}

function errorCodes({ document, errors }: Source, names?: SdkNames): string {
  const listed = errors.flatMap(({ errors: group }) => group)
  const statuses = [...new Set(listed.map(({ status }) => status))].sort((a, b) => a - b)
  const byStatus = statuses.map((status) => {
    const codes = listed.filter((error) => error.status === status).map(({ code }) => code)
    return typed(`${status}:`, codes.map(stringLiteral))
  })
  const methods = [...methodsFor(document, 'vendor', names), ...methodsFor(document, 'platform', names)]
  const byMethod = new Map(
    methods.map(({ name, entry }) => {
      const codes = [...new Set(entry.answers.flatMap((answer) => answer.errorCodes))]
      const { groups, others } = grouped(codes)
      const members = [...groups.map(pascalCase), ...others]
      return [name, `${comment([entry.summary])}${typed(`${stringLiteral(name)}:`, members)}`]
    }),
  )
  const groups = Object.entries(USUAL_CODES).map(([name, codes]) =>
    typed(`type ${pascalCase(name)} =`, codes.map(stringLiteral)),
  )
  return `${groups.join('\n')}

/** The codes that come with each status. */
export interface CodeOfStatus {
  ${byStatus.map((text) => indent(text)).join('\n  ')}
}

/** Every error code of the service, and those that a newer one may have. */
export type ErrorCode = CodeOfStatus[keyof CodeOfStatus] | (string & {})

/** The codes that are documented for each method. */
export interface ErrorCodes {
  ${[...byMethod.values()].map((text) => indent(text)).join('\n  ')}
}
`
}
