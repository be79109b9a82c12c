/** The SDK's methods, one class for each resource: the vendor's, and what the platform has besides. */

import { type SdkMethod, type SdkNames, sdkMethods } from '../client-names.js'
import type { Audience, OpenApiDocument } from '../document.js'
import { type OperationEntry, operationsOf } from '../operations.js'
import type { Schema, SchemaObject } from '../schema/keywords.js'
import { objectType } from '../schema/object-type.js'
import { componentName, referencedNames } from '../schema/reference.js'
import { typeOf } from '../schema/type.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { comment, importOf, indent, objectLiteral, stringLiteral } from '../typescript.js'

/** Codes that any call can meet: no method's comment repeats them. */
const EVERYWHERE = new Set([
  ...['malformed_json', 'invalid_request', 'body_too_large', 'unsupported_media_type', 'idempotency_key_reused'],
  ...['token_missing', 'token_invalid', 'token_expired', 'insufficient_scope'],
  ...['rate_limited', 'internal_error', 'unavailable'],
])

const FOLDER = 'packages/client/src/generated'

interface Method extends SdkMethod {
  entry: OperationEntry
  resource: string
  verb: string
}

export function clientMethods({ document }: Pick<Source, 'document'>, names?: SdkNames): GeneratedFile[] {
  const vendor = methodsFor(document, 'vendor', names)
  const platform = methodsFor(document, 'platform', names).filter(
    ({ name }) => !vendor.some((method) => method.name === name),
  )
  return [
    file('vendor', vendor, document, () => 'Resource'),
    file('platform', platform, document, (resource) =>
      vendor.some((method) => method.resource === resource) ? `vendor.${className(resource)}` : 'Resource',
    ),
  ]
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

function file(
  audience: Audience,
  all: readonly Method[],
  document: OpenApiDocument,
  base: (resource: string) => string,
): GeneratedFile {
  const methods = all.filter(({ byHand }) => !byHand)
  const entries = [...new Set(methods.map(({ entry }) => entry))]
  const resources = [...new Set(methods.map(({ resource }) => resource))]
  const classes = resources.map((resource) => resourceClass(resource, base(resource), methods, document))
  const tables = methods.map(operationTable)
  const queries = entries.flatMap((entry) =>
    entry.query ? [`export interface ${queryName(entry)} ${objectType(entry.query)}\n`] : [],
  )
  const Name = audience === 'vendor' ? 'VendorMethods' : 'PlatformMethods'
  const fields = resources.map((resource) => {
    const tag = methods.find((method) => method.resource === resource)?.entry.tag
    const description = document.tags?.find(({ name }) => name === tag)?.description as string | undefined
    const override = base(resource) === 'Resource' ? '' : 'override '
    return `${comment([description])}${override}readonly ${resource}: ${className(resource)}`
  })
  const body = `${tables.join('\n')}

${queries.join('\n')}${queries.length > 0 ? '\n' : ''}${classes.join('\n\n')}

/** ${audience === 'vendor' ? 'Every resource that a vendor has.' : 'Every resource, those of a vendor included.'} */
export class ${Name}${audience === 'vendor' ? '' : ' extends vendor.VendorMethods'} {
  ${fields.map((field) => indent(field)).join('\n  ')}

  /** @internal */
  constructor(caller: Caller) {
    ${[...(audience === 'vendor' ? [] : ['super(caller)']), ...resources.map((resource) => `this.${resource} = new ${className(resource)}(caller)`)].join('\n    ')}
  }
}
`
  const names = referencedNames(entries.flatMap((entry) => schemasOf(entry, document)))
  const written = [...names, ...methods.flatMap(({ serialised, body, answer }) => [serialised?.type, body, answer])]
  const types = [...new Set(written)].filter((name) => name !== undefined && used(name, body)) as string[]
  const imports = [
    importOf(
      types.filter((name) => names.includes(name) || name === 'HslElement').sort(),
      '@tract/contract',
      'import type',
    ),
    "import type { Operation } from '../calls/operation.js'\n",
    importOf(
      ['ListPromise', 'TractPromise'].filter((name) => used(name, body)),
      '../calls/promise.js',
      'import type',
    ),
    resourceImport(body),
    importOf(
      ['OutgoingEvent', 'PlatformEvent'].filter((name) => used(name, body)),
      './events.js',
      'import type',
    ),
    used('ThreadOutcome', body) ? "import type { ThreadOutcome } from '../calls/thread-outcome.js'\n" : '',
    "import type { CallOptions } from '../options.js'\n",
    audience === 'vendor' ? '' : "import * as vendor from './vendor-methods.js'\n",
  ]
  return {
    path: `${FOLDER}/${audience}-methods.ts`,
    contents: `${header('targets/client-methods.ts')}${imports.join('')}\n${body}`,
  }
}

function resourceImport(body: string): string {
  const names = ['type Caller', 'Resource', 'type Serialised', 'serialise'].filter((name) =>
    used(name.replace('type ', ''), body),
  )
  if (names.length > 1) return importOf(names, '../calls/resource.js')
  return importOf(['Caller'], '../calls/resource.js', 'import type')
}

function operationTable(method: Method): string {
  const { entry, name } = method
  const value = objectLiteral([
    ['name', stringLiteral(name)],
    ['method', stringLiteral(entry.method.toUpperCase())],
    ['path', stringLiteral(entry.path)],
    ['repeat', stringLiteral(repeat(method))],
  ])
  return `const ${constant(method)}: Operation = ${value}`
}

function repeat({ entry, repeatable }: Method): string {
  if (entry.idempotent) return 'with key'
  return repeatable || entry.method === 'get' || /^(get|list)[A-Z]/.test(entry.id) ? 'always' : 'never'
}

function resourceClass(resource: string, base: string, methods: readonly Method[], document: OpenApiDocument): string {
  const own = methods.filter((method) => method.resource === resource).map((method) => methodText(method, document))
  return `export class ${className(resource)} extends ${base} {\n  ${own.map((text) => indent(text)).join('\n\n  ')}\n}`
}

function methodText(method: Method, document: OpenApiDocument): string {
  const { entry, verb } = method
  const success = entry.answers.find(({ status }) => status === 200)?.schema
  if (success === undefined) throw new Error(`${entry.id}: the SDK needs a 200 answer with a schema`)
  if (entry.params) throw new Error(`${entry.id}: the SDK has no parameters in paths`)
  const answer = method.answer ?? typeOf(success)
  const [parameter, input] = inputOf(method, document)
  const parameters = [...(parameter ? [parameter] : []), 'options?: CallOptions'].join(', ')
  const codes = [...new Set(entry.answers.flatMap(({ errorCodes }) => errorCodes))].filter(
    (code) => !EVERYWHERE.has(code),
  )
  const coded = codes.length > 0 && `Error codes of its own: ${codes.map((code) => `\`${code}\``).join(', ')}.`
  const doc = comment([[entry.summary, entry.description, coded].filter(Boolean).join('\n\n')])
  const list = /^list[A-Z]/.test(entry.id) ? listOf(entry, success, document) : undefined
  const returned = list ? `ListPromise<${answer}, ${list.item}>` : `TractPromise<${answer}>`
  const made = list
    ? `this.$list(${constant(method)}, ${input}, ${stringLiteral(list.field)}, options)`
    : `this.$call(${constant(method)}, ${input}, options)`
  return `${doc}${verb}(${parameters}): ${returned} {\n  return ${made}\n}`
}

/** The one array of a list's answer. */
function listOf({ id }: OperationEntry, success: Schema, document: OpenApiDocument): { field: string; item: string } {
  const arrays = Object.entries(resolved(success, document).properties ?? {}).flatMap(([field, schema]) => {
    const { type, items } = resolved(schema, document)
    return type === 'array' && items !== undefined ? [{ field, item: typeOf(items) }] : []
  })
  const [list, ...others] = arrays
  if (!list || others.length > 0) throw new Error(`${id}: the answer of a list has one array`)
  return list
}

function resolved(schema: Schema, document: OpenApiDocument): SchemaObject {
  if (typeof schema !== 'object') return {}
  if (!schema.$ref) return schema
  return resolved(document.components?.schemas?.[componentName(schema.$ref)] ?? {}, document)
}

/** The parameter of a method, and how its call gets it. */
function inputOf(
  { entry, fixed, body, serialised }: Method,
  document: OpenApiDocument,
): [parameter: string | undefined, input: string] {
  if (entry.body) {
    const names = Object.keys(fixed ?? {}).map(stringLiteral)
    const whole = body ?? typeOf(entry.body.schema)
    const rest = names.length > 0 ? `Omit<${whole}, ${names.join(' | ')}>` : whole
    const type = serialised?.type ? `Serialised<${rest}, '${serialised.field}', ${serialised.type}>` : rest
    const value = serialised
      ? `serialise(body, '${serialised.field}')`
      : fixed
        ? `{ ...body, ${Object.entries(fixed)
            .map(([name, text]) => `${name}: ${stringLiteral(text)}`)
            .join(', ')} }`
        : 'body'
    const { properties, required = [] } = resolved(entry.body.schema, document)
    const needed = properties === undefined || required.length > 0
    return [`body: ${type}${needed ? '' : ' = {}'}`, value === 'body' ? '{ body }' : `{ body: ${value} }`]
  }
  if (!entry.query) return [undefined, '{}']
  const needed = (entry.query.required ?? []).length > 0
  return [`query: ${queryName(entry)}${needed ? '' : ' = {}'}`, '{ query }']
}

function queryName({ id }: OperationEntry): string {
  return `${id[0]?.toUpperCase()}${id.slice(1)}Query`
}

function constant({ resource, verb }: Method): string {
  return `${resource}${verb[0]?.toUpperCase()}${verb.slice(1)}`
}

function className(resource: string): string {
  return `${resource[0]?.toUpperCase()}${resource.slice(1)}`
}

/** What a method's types are written with; the items of a list have a name of their own. */
function schemasOf({ body, query, answers }: OperationEntry, document: OpenApiDocument): Schema[] {
  const answered = answers.flatMap(({ status, schema }) => (status < 300 && schema !== undefined ? [schema] : []))
  const fields = answered.flatMap((schema) => Object.values(resolved(schema, document).properties ?? {}))
  const items = fields.flatMap((schema) => (typeof schema === 'object' && schema.items ? [schema.items] : []))
  return [body?.schema, query, ...answered, ...items].filter((schema) => schema !== undefined)
}

function used(name: string, text: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(text)
}
