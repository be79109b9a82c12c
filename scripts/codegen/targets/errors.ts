/** The error codes with their statuses (openapi/errors.yaml). */
import { type GeneratedFile, header, type Source } from '../source.js'
import { filled } from '../typescript.js'

const PATH = 'packages/contract/src/generated/errors.ts'

export function errors({ errors: groups }: Pick<Source, 'errors'>): GeneratedFile[] {
  const tables = groups.map(
    (group) =>
      `  // ${group.group}\n${filled(
        group.errors.map(({ code, status }) => `${code}: ${status}`),
        ',',
      )},`,
  )
  const body = `
/** Every error code, with the status that it comes with. */
export const errorCodes = {
${tables.join('\n')}
} as const

/** A code that this version knows. */
export type KnownErrorCode = keyof typeof errorCodes
`
  return [{ path: PATH, contents: `${header('targets/errors.ts')}${body}` }]
}
