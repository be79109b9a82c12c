import { errorCodes } from './generated/errors.js'
import { operations } from './generated/operations.js'
import type { Schemas } from './generated/types.js'
import type { OperationRow } from './operation-row.js'

type Rows = typeof operations

/** The type of a part of what an operation takes; undefined where it takes no such part. */
type Part<Row, Key extends 'params' | 'query' | 'headers' | 'body'> =
  Row extends Record<Key, infer Name extends keyof Schemas> ? Schemas[Name] : undefined

/** What every operation takes, and what it answers when it succeeds. */
export type Operations = {
  [Id in keyof Rows]: {
    params: Part<Rows[Id], 'params'>
    query: Part<Rows[Id], 'query'>
    headers: Part<Rows[Id], 'headers'>
    body: Part<Rows[Id], 'body'>
    answer: Schemas[Rows[Id]['answers'][200]]
  }
}

/** Operations that the handler of another one serves. */
export type Aliases = {
  [Id in keyof Rows as Rows[Id] extends { aliasOf: string } ? Id : never]: Rows[Id] extends {
    aliasOf: infer Other extends keyof Rows
  }
    ? Other
    : never
}

/** Operations with a handler of their own. */
export type OperationId = Exclude<keyof Operations, keyof Aliases>

/** The schema of an answer; undefined where the operation does not document the status. */
export function answerSchema(id: keyof Operations, status: number): keyof Schemas | undefined {
  const { answers, codes }: OperationRow = operations[id]
  return answers[status] ?? (codes.some((code) => errorCodes[code] === status) ? 'Error' : undefined)
}
