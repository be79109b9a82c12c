/** The contract's operations as routes, and the handlers that they need: one that is missing or does not fit is a type error. */
import { type OperationId, type OperationRow, type Operations, operations, schemas } from '@tract/contract'
import type { JsonSchema } from './input/validation.js'

/** What a handler is given, each part validated. */
export type OperationInput<Id extends keyof Operations> = Pick<Operations[Id], 'params' | 'query' | 'headers' | 'body'>

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
  /** The path as Fastify has it. */
  url: string
  /** Fits the path without a slash at its end. */
  matches: RegExp
  /** The schemas of a request's parts; undefined where the operation takes no such part. */
  schemas: Readonly<Record<'params' | 'query' | 'headers' | 'body', JsonSchema | undefined>>
}

/** The routes of a path that has no slash at its end. */
export const routesAt = (path: string): Route[] => routes.filter(({ matches }) => matches.test(path))

export function withoutSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/$/, '') : path
}

const BRACES = /\{(\w+)\}/g
const UUID = '[0-9a-fA-F-]{36}'

/** What may stand in braces in an operation's path: what does not fit is another path. */
function partOf({ path, params }: OperationRow, name: string): string {
  const { properties = {} } = ((params && schemas[params]) ?? {}) as { properties?: Record<string, JsonSchema> }
  const { $ref, ...own } = properties[name] ?? {}
  const { format, pattern } =
    typeof $ref === 'string' ? (schemas[$ref.replace('#', '') as keyof typeof schemas] as JsonSchema) : own
  if (format === 'uuid') return UUID
  if (typeof pattern === 'string') return pattern.replace(/^\^|\$$/g, '')
  throw new Error(`${path}: ${name} needs a format or a pattern`)
}

/** As Fastify writes a path with parameters. */
function urlOf(row: OperationRow): string {
  return row.path.replaceAll(BRACES, (_, name) => `:${name}(^${partOf(row, name)}$)`)
}

function matcherOf(row: OperationRow): RegExp {
  return new RegExp(
    `^${withoutSlash(row.path)
      .replaceAll('.', '\\.')
      .replaceAll(BRACES, (_, name) => partOf(row, name))}$`,
  )
}

/** In the order of the document. */
export const routes: readonly Route[] = Object.entries<OperationRow>(operations).map(([id, row]) => ({
  ...row,
  operationId: id as keyof Operations,
  handler: (row.aliasOf ?? id) as OperationId,
  url: urlOf(row),
  matches: matcherOf(row),
  schemas: {
    params: row.params && schemas[row.params],
    query: row.query && schemas[row.query],
    headers: row.headers && schemas[row.headers],
    // a form with a file is checked as it comes
    body: row.body && !row.multipart ? schemas[row.body] : undefined,
  },
}))
