/** Citus passes on what a node says of copied rows, and without its code: by that a broken rule would be a broken node. */
const INTERNAL_ERROR = 'XX000'

const CODES: readonly (readonly [RegExp, string])[] = [
  [/^duplicate key value violates unique constraint/, '23505'],
  [/violates not-null constraint/, '23502'],
  [/violates foreign key constraint/, '23503'],
  [/violates check constraint/, '23514'],
  [/^index row (size|requires)/, '54000'],
]

/** The code that PostgreSQL has for an error. */
export function codeOf({ code, message = '' }: { code?: string; message?: string }): string | undefined {
  if (code !== INTERNAL_ERROR) return code
  return CODES.find(([pattern]) => pattern.test(message))?.[1] ?? code
}
