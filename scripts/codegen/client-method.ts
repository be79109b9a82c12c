/** One method of the SDK as text: its operation, its parameters and its answer. */
import { type SdkMethod, type SdkNames, sdkMethods } from './client-names.js'
import type { Audience, OpenApiDocument } from './document.js'
import { type OperationEntry, operationsOf } from './operations.js'
import type { Schema, SchemaObject } from './schema/keywords.js'
import { componentName } from './schema/reference.js'
import { comment, line, pascalCase, stringLiteral } from './typescript.js'
import { USUAL_CODES } from './usual-codes.js'

/** No method's comment repeats them. */
const EVERYWHERE = new Set(Object.values(USUAL_CODES).flat())

export interface Method extends SdkMethod {
  entry: OperationEntry
  resource: string
  verb: string
}

/** The methods that one audience has, those written by hand included. */
export function methodsFor(document: OpenApiDocument, audience: Audience, names?: SdkNames): Method[] {
  const entries = operationsOf(document).filter(
    ({ aliasOf, audience: those }) => aliasOf === undefined && those.includes(audience),
  )
  return entries.flatMap((entry) =>
    sdkMethods(entry.id, names).map((method) => {
      const [resource = '', verb = ''] = method.name.split('.')
      return { ...method, entry, resource, verb }
    }),
  )
}

export function operationTable(method: Method): string {
  const { entry, name, streams } = method
  const { method: verb, path } = entry
  const row = { name, method: verb.toUpperCase(), path, repeat: repeat(method), ...(streams && { streams }) }
  return `const ${constant(method)}: Operation = ${line(row)}`
}

function repeat({ entry, repeatable }: Method): string {
  if (entry.idempotent) return 'with key'
  return repeatable || entry.method === 'get' || /^(get|list)[A-Z]/.test(entry.id) ? 'always' : 'never'
}

export function methodText(method: Method, document: OpenApiDocument): string {
  const { entry, verb } = method
  const success = entry.answers.find(({ status }) => status === 200)?.body
  if (!success) throw new Error(`${entry.id}: the SDK needs an answer 200 with a body`)
  const answer = method.answer ?? (method.streams ? 'ByteStream' : success.name)
  const [parameter, input] = inputOf(method, document)
  const parameters = [...(parameter ? [parameter] : []), 'options?: CallOptions'].join(', ')
  const codes = [...new Set(entry.answers.flatMap(({ errorCodes }) => errorCodes))].filter(
    (code) => !EVERYWHERE.has(code),
  )
  const coded = codes.length > 0 && `Error codes of its own: ${codes.map((code) => `\`${code}\``).join(', ')}.`
  const { summary, description } = method.made ?? entry
  const doc = comment([[summary, description, coded].filter(Boolean).join('\n\n')])
  const list = /^list[A-Z]/.test(entry.id) ? listOf(entry, success.schema, document) : undefined
  const returned = list ? `ListPromise<${answer}, ${list.item}>` : `TractPromise<${answer}>`
  const made = list
    ? `this.$list(${constant(method)}, ${input}, ${stringLiteral(list.field)}, options)`
    : `this.$call(${constant(method)}, ${input}, options)`
  return `${doc}${verb}(${parameters}): ${returned} {\n  return ${made}\n}`
}

/** The one array of a list's answer. */
function listOf({ id }: OperationEntry, success: Schema, document: OpenApiDocument): { field: string; item: string } {
  const arrays = Object.entries(resolved(success, document).properties ?? {}).flatMap(([field, schema]) => {
    const { items } = resolved(schema, document)
    return typeof items === 'object' && items.$ref !== undefined ? [{ field, item: componentName(items.$ref) }] : []
  })
  const [list, ...others] = arrays
  if (!list || others.length > 0) throw new Error(`${id}: the answer of a list has one array, of a component`)
  return list
}

function resolved(schema: Schema, document: OpenApiDocument): SchemaObject {
  if (typeof schema !== 'object') return {}
  if (!schema.$ref) return schema
  return resolved(document.components?.schemas?.[componentName(schema.$ref)] ?? {}, document)
}

/** The parameter of a method, and how its call gets it. */
function inputOf(method: Method, document: OpenApiDocument): [parameter: string | undefined, input: string] {
  const { entry } = method
  if (entry.body) {
    const { properties, required = [] } = resolved(entry.body.schema, document)
    const needed = properties === undefined || required.length > 0
    const { type, value } = bodyOf(method, method.body ?? entry.body.name)
    return [`body: ${type}${needed ? '' : ' = {}'}`, value === 'body' ? '{ body }' : `{ body: ${value} }`]
  }
  if (!entry.query) return [undefined, '{}']
  const needed = (resolved(entry.query.schema, document).required ?? []).length > 0
  return [`query: ${entry.query.name}${needed ? '' : ' = {}'}`, '{ query }']
}

/** What a method takes, and what it sends. */
function bodyOf({ name, fixed, serialised, made }: Method, whole: string): { type: string; value: string } {
  if (made) return { type: whole, value: `${made.by}(body)` }
  if (fixed && serialised) throw new Error(`${name}: fields are either fixed or serialised`)
  if (fixed) {
    const fields = Object.entries(fixed).map(([field, text]) => `${field}: ${stringLiteral(text)}`)
    const left = Object.keys(fixed).map(stringLiteral).join(' | ')
    return { type: `Omit<${whole}, ${left}>`, value: `{ ...body, ${fields.join(', ')} }` }
  }
  if (!serialised) return { type: whole, value: 'body' }
  const field = stringLiteral(serialised.field)
  const type = serialised.type ? `Serialised<${whole}, ${field}, ${serialised.type}>` : whole
  return { type, value: `serialise(body, ${field})` }
}

function constant({ resource, verb }: Method): string {
  return `${resource}${pascalCase(verb)}`
}
