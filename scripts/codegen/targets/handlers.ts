/** The server's route table, and the type that its handlers have to have: one for every operation (OpenAPI 3.1 §4.8.10). */
import { type OperationEntry, operationsOf } from '../operations.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { indent, isIdentifier, objectLiteral, stringLiteral, valueLiteral } from '../typescript.js'

const PATH = 'packages/server/src/generated/handlers.ts'

export function handlers({ document }: Pick<Source, 'document'>): GeneratedFile[] {
  const routes = operationsOf(document).map(route)
  const body = `import { type OperationId, type Operations, operations } from '@tract/contract'

type Status<Id extends keyof Operations> = keyof Operations[Id]['responses']

/** The documented statuses of success. */
export type SuccessStatus<Id extends keyof Operations> = {
  [S in Status<Id>]: S extends number ? (\`\${S}\` extends \`2\${string}\` ? S : never) : never
}[Status<Id>]

type IsUnion<T, Whole = T> = [T] extends [never] ? false : T extends Whole ? ([Whole] extends [T] ? false : true) : never

/** What a handler answers: the body, or the status and the body where more than one status means success. */
export type SuccessAnswer<Id extends keyof Operations> =
  IsUnion<SuccessStatus<Id>> extends true
    ? { [S in SuccessStatus<Id>]: { status: S; body: Operations[Id]['responses'][S] } }[SuccessStatus<Id>]
    : Operations[Id]['responses'][SuccessStatus<Id>]

/** What a handler is given, each part validated. */
export type OperationInput<Id extends keyof Operations> = Pick<Operations[Id], 'params' | 'query' | 'headers' | 'body'>

/** A handler for every operation. */
export type Handlers<Context> = {
  [Id in OperationId]: (input: OperationInput<Id>, context: Context) => Promise<SuccessAnswer<Id>>
}

export interface Route {
  operationId: keyof Operations
  /** The operation whose handler serves the route; another one for an alias. */
  handler: OperationId
  method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS' | 'HEAD' | 'PATCH' | 'TRACE'
  /** With Fastify's \`:name\` for a path parameter. */
  url: string
  /** The content types of a body. */
  consumes: readonly string[]
  schema: { params?: object; querystring?: object; headers?: object; body?: object; response: Readonly<Record<number, object>> }
}

/** Every route, in the order of the document. */
export const routes: readonly Route[] = [
  ${routes.map((text) => `${indent(text)},`).join('\n  ')}
]
`
  return [{ path: PATH, contents: `${header('targets/handlers.ts')}${body}` }]
}

function route(entry: OperationEntry): string {
  const operation = isIdentifier(entry.id) ? `operations.${entry.id}` : `operations[${stringLiteral(entry.id)}]`
  const parts: [string, string][] = []
  if (entry.params) parts.push(['params', `${operation}.request.params`])
  if (entry.query) parts.push(['querystring', `${operation}.request.query`])
  if (entry.headers) parts.push(['headers', `${operation}.request.headers`])
  if (entry.body) parts.push(['body', `${operation}.request.body`])
  const answers = entry.answers.filter(({ schema }) => schema !== undefined)
  const response = answers.map(({ status }) => [String(status), `${operation}.responses[${status}].schema`] as const)
  return objectLiteral([
    ['operationId', stringLiteral(entry.id)],
    ['handler', stringLiteral(entry.aliasOf ?? entry.id)],
    ['method', stringLiteral(entry.method.toUpperCase())],
    ['url', stringLiteral(entry.path.replaceAll(/\{(\w+)\}/g, ':$1'))],
    ['consumes', valueLiteral(entry.body?.contentTypes ?? [])],
    ['schema', objectLiteral([...parts, ['response', objectLiteral(response)]])],
  ])
}
