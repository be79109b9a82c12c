/** The operation table and the types of what each operation takes and answers (OpenAPI 3.1 §4.8.10). */

import type { OpenApiDocument } from '../document.js'
import { type OperationEntry, operationsOf } from '../operations.js'
import type { Schema } from '../schema/keywords.js'
import { objectType } from '../schema/object-type.js'
import { referencedNames } from '../schema/reference.js'
import { typeOf } from '../schema/type.js'
import { typeboxImports, typeboxOf } from '../schema/typebox.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import {
  arrayLiteral,
  comment,
  importOf,
  indent,
  objectLiteral,
  propertyName,
  stringLiteral,
  unionType,
  valueLiteral,
} from '../typescript.js'

const PATH = 'packages/contract/src/generated/operations.ts'

export function operations({ document }: Pick<Source, 'document'>): GeneratedFile[] {
  const entries = operationsOf(document)
  const scopes = scopesOf(document)
  for (const entry of entries) checkScopes(entry, scopes)
  const types = entries.map((entry) => `${comment([entry.summary])}${propertyName(entry.id)}: ${operationType(entry)}`)
  const table = entries.map((entry) => [entry.id, operationValue(entry, entries)] as const)
  const aliases = entries.filter(({ aliasOf }) => aliasOf !== undefined)
  const body = `/** What every operation takes and what it answers, by operationId and status. What an operation does not have is \`undefined\`. */
export interface Operations {
  ${types.map((type) => indent(type)).join('\n  ')}
}

/** Operations that the handler of another one serves. */
export interface Aliases {
  ${aliases.map(({ id, aliasOf = '' }) => `${propertyName(id)}: ${stringLiteral(aliasOf)}`).join('\n  ')}
}

/** Operations with a handler of their own. */
export type OperationId = Exclude<keyof Operations, keyof Aliases>

/** The scopes of a token, with what each is for (RFC 6749 §3.3). */
export const scopes = ${valueLiteral(scopes)} as const

/**
 * Every operation. \`security\` lists alternatives, as the document does; any one of \`scopes\` is enough, and a \`public\` operation asks for
 * no credentials. \`aliases\` are further paths of the same operation, each with an entry of its own.
 */
export const operations = ${objectLiteral(table)} as const
`
  const names = referencedNames(entries.flatMap(schemasOf))
  const typeImports = importOf(names, './schemas.js', 'import type')
  return [{ path: PATH, contents: `${header('targets/operations.ts')}${typeboxImports(body)}${typeImports}\n${body}` }]
}

function operationType({ params, query, headers, body, answers }: OperationEntry): string {
  const bodyType = body ? [typeOf(body.schema), ...(body.required ? [] : ['undefined'])] : ['undefined']
  const responses = answers.map(
    ({ status, schema }) => `${status}: ${schema === undefined ? 'undefined' : typeOf(schema)}`,
  )
  const members = [
    `params: ${params ? objectType(params) : 'undefined'}`,
    `query: ${query ? objectType(query) : 'undefined'}`,
    `headers: ${headers ? objectType(headers) : 'undefined'}`,
    `body: ${unionType(bodyType)}`,
    `responses: {\n  ${responses.map((response) => indent(response)).join('\n  ')}\n}`,
  ]
  return `{\n  ${members.map((member) => indent(member)).join('\n  ')}\n}`
}

function operationValue(entry: OperationEntry, entries: readonly OperationEntry[]): string {
  const { params, query, headers, body } = entry
  const aliases = entries.filter(({ aliasOf }) => aliasOf === entry.id).map(({ path }) => path)
  const request = Object.entries({ params, query, headers, body: body?.schema }).flatMap(([part, schema]) =>
    schema === undefined ? [] : [[part, typeboxOf(schema)] as const],
  )
  const responses = entry.answers.map(({ status, description, contentType, schema, errorCodes }) => {
    const members: [string, string][] = [['description', stringLiteral(description)]]
    if (contentType) members.push(['contentType', stringLiteral(contentType)])
    if (schema !== undefined) members.push(['schema', typeboxOf(schema)])
    if (errorCodes.length > 0) members.push(['errorCodes', valueLiteral(errorCodes)])
    return [String(status), objectLiteral(members)] as const
  })
  return objectLiteral([
    ['operationId', stringLiteral(entry.id)],
    ['method', stringLiteral(entry.method.toUpperCase())],
    ['path', stringLiteral(entry.path)],
    ['aliases', arrayLiteral(aliases.map(stringLiteral))],
    ['aliasOf', valueLiteral(entry.aliasOf ?? null)],
    ['tag', stringLiteral(entry.tag)],
    ['summary', stringLiteral(entry.summary)],
    ['audience', valueLiteral(entry.audience)],
    ['public', String(isPublic(entry))],
    ['security', valueLiteral(entry.security)],
    ['scopes', valueLiteral(scopesNeeded(entry))],
    ['idempotent', String(entry.idempotent)],
    ['extension', String(entry.extension)],
    ['contentTypes', valueLiteral(body?.contentTypes ?? [])],
    ['bodyRequired', String(body?.required ?? false)],
    ['request', objectLiteral(request)],
    ['responses', objectLiteral(responses)],
  ])
}

function schemasOf({ params, query, headers, body, answers }: OperationEntry): Schema[] {
  const schemas = [params, query, headers, body?.schema, ...answers.map(({ schema }) => schema)]
  return schemas.filter((schema) => schema !== undefined)
}

/** No requirement, or an empty one among the alternatives (§4.8.30). */
function isPublic({ security }: OperationEntry): boolean {
  return security.length === 0 || security.some((requirement) => Object.keys(requirement).length === 0)
}

function scopesNeeded({ id, security }: OperationEntry): string[] {
  return security.flatMap(({ oauth2 }) => {
    if (oauth2 && oauth2.length > 1)
      throw new Error(`${id}: several scopes in one alternative; write one alternative a scope`)
    return oauth2 ?? []
  })
}

/** As the security scheme lists them; a component schema `Scope` has to list the same. */
function scopesOf(document: OpenApiDocument): Record<string, string> {
  const flows = document.components?.securitySchemes?.oauth2?.flows ?? {}
  const scopes: Record<string, string> = Object.assign({}, ...Object.values(flows).map((flow) => flow.scopes))
  const schema = document.components?.schemas?.Scope
  const listed = typeof schema === 'object' ? (schema.enum ?? []) : Object.keys(scopes)
  const names = new Set([...Object.keys(scopes), ...listed])
  const differing = [...names].filter((name) => !Object.hasOwn(scopes, String(name)) || !listed.includes(name))
  if (differing.length > 0)
    throw new Error(`the component schema Scope and the security scheme differ: ${differing.join(', ')}`)
  return scopes
}

function checkScopes(entry: OperationEntry, scopes: Record<string, string>): void {
  const unknown = scopesNeeded(entry).filter((scope) => !Object.hasOwn(scopes, scope))
  if (unknown.length > 0) throw new Error(`${entry.id}: the security scheme oauth2 has no scope ${unknown.join(', ')}`)
}
