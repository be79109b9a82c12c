/** The contract's operations as routes, and the handlers that they need: one that is missing or does not fit is a type error. */
import { type OperationId, type OperationRow, type Operations, operations, schemas } from '@tract/contract'
import type { JsonSchema } from './input/validation.js'

/** What a handler is given, each part validated. */
export type OperationInput<Id extends keyof Operations> = Pick<Operations[Id], 'query' | 'headers' | 'body'>

/** What a handler answers, with status 200. */
export type SuccessAnswer<Id extends keyof Operations> = Operations[Id]['answer']

/** A handler for every operation. */
export type Handlers<Context> = {
  [Id in OperationId]: (input: OperationInput<Id>, context: Context) => Promise<SuccessAnswer<Id>>
}

export interface Route extends OperationRow {
  operationId: keyof Operations
  /** The operation whose handler serves the route; another one for an alias. */
  handler: OperationId
  /** The schemas of a request's parts; undefined where the operation takes no such part. */
  schemas: Readonly<Record<'query' | 'headers' | 'body', JsonSchema | undefined>>
}

/** In the order of the document. */
export const routes: readonly Route[] = Object.entries<OperationRow>(operations).map(([id, row]) => ({
  ...row,
  operationId: id as keyof Operations,
  handler: (row.aliasOf ?? id) as OperationId,
  schemas: {
    query: row.query && schemas[row.query],
    headers: row.headers && schemas[row.headers],
    body: row.body && schemas[row.body],
  },
}))
