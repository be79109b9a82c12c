import type { KnownErrorCode } from './generated/errors.js'
import type { Schemas } from './generated/types.js'

/** How an operation is called, who may call it, and what it takes and answers: schemas by name. */
export interface OperationRow {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH'
  readonly path: string
  /** The operation whose handler serves this one. */
  readonly aliasOf?: string
  /** Whose document has it. */
  readonly audience: readonly ('vendor' | 'platform')[]
  /** Any one of them is enough; without any, the operation asks for no token. */
  readonly scopes: readonly string[]
  /** Takes an `Idempotency-Key`. */
  readonly idempotent?: true
  /** Its body is a form (`application/x-www-form-urlencoded`), and no JSON. */
  readonly form?: true
  /** Its body is a form with a file (`multipart/form-data`), which is read as it comes. */
  readonly multipart?: true
  /** Of what stands in braces in its path. */
  readonly params?: keyof Schemas
  readonly query?: keyof Schemas
  readonly headers?: keyof Schemas
  readonly body?: keyof Schemas
  /** By status: 200, and the errors that are not answered with `Error`. */
  readonly answers: { readonly 200: keyof Schemas; readonly [status: number]: keyof Schemas }
  /** The error codes that it documents; the status of each is in `errorCodes`. */
  readonly codes: readonly KnownErrorCode[]
}
