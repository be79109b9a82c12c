/** What a refused call says, field by field. */
import { CallError } from '../api/call-error.js'

/** Codes that are about one field, though the answer has no path. */
export type FieldsOfCodes = Readonly<Record<string, string>>

/** @returns what is wrong with the field at a path such as `/name`, in a sentence */
export function errorsAt(error: unknown, codes: FieldsOfCodes = {}): (path: string) => string | undefined {
  return (path) => {
    if (!(error instanceof CallError)) return undefined
    if (codes[error.code] === path) return error.message
    const issues = error.issues.filter((issue) => issue.path === path || issue.path.startsWith(`${path}/`))
    if (issues.length === 0) return undefined
    return issues
      .map(({ path: at, message }) => `${at === path ? 'It' : at.slice(path.length + 1)} ${message}.`)
      .join(' ')
  }
}

/** Is all of it said at fields, so that the rest of the form need not repeat it. */
export const isAtFields = (error: unknown, paths: readonly string[], codes: FieldsOfCodes = {}): boolean =>
  error instanceof CallError &&
  (codes[error.code] !== undefined ||
    (error.issues.length > 0 &&
      error.issues.every(({ path }) => paths.some((field) => path === field || path.startsWith(`${field}/`)))))
