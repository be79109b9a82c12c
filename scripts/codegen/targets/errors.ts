/** The table of error codes (openapi/errors.yaml). */
import { type GeneratedFile, header, type Source } from '../source.js'
import { objectLiteral, valueLiteral } from '../typescript.js'

const PATH = 'packages/contract/src/generated/errors.ts'

export function errors({ errors: groups }: Pick<Source, 'errors'>): GeneratedFile[] {
  const codes = groups.flatMap((group) =>
    group.errors.map(
      ({ code, status, description }) => [code, valueLiteral({ status, description, group: group.group })] as const,
    ),
  )
  const body = `
/** Every error code, with the status that it comes with and what it means. */
export const errorCodes = ${objectLiteral(codes)} as const

/** A code that this version knows. */
export type KnownErrorCode = keyof typeof errorCodes
`
  return [{ path: PATH, contents: `${header('targets/errors.ts')}${body}` }]
}
