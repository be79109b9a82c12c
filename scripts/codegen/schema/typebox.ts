/**
 * A schema as a TypeBox expression (@sinclair/typebox 0.34) that serialises to the schema itself, without its annotations. TypeBox has
 * builders for the plain forms; `oneOf`, `$ref`, `enum` and what mixes forms are `Type.Unsafe`, by the constructors of `constructors.ts`.
 */
import { arrayLiteral, call, importOf, objectLiteral, valueLiteral } from '../typescript.js'
import { type Schema, type SchemaObject, typesOf, validationKeywords } from './keywords.js'
import { componentName, runtimeSchema } from './reference.js'
import { typeOf } from './type.js'

/** What the expressions are built with beside TypeBox itself. */
export const CONSTRUCTORS = ['AllOf', 'Dictionary', 'Enum', 'OneOf', 'Ref'] as const

const IN_PLACE = ['$ref', 'allOf', 'anyOf', 'oneOf', 'const', 'enum']
const PLAIN: Record<string, string> = {
  string: 'Type.String',
  integer: 'Type.Integer',
  number: 'Type.Number',
  boolean: 'Type.Boolean',
  null: 'Type.Null',
}

export function typeboxOf(schema: Schema): string {
  if (schema === true) return 'Type.Unknown()'
  if (schema === false) return 'Type.Never()'
  if ('x-refused-with' in schema) return unsafe(schema)
  const keywords = validationKeywords(schema)
  const [form, second] = IN_PLACE.filter((keyword) => keywords.includes(keyword))
  if (second) return unsafe(schema)
  if (form) return combined(form, schema, keywords)
  const types = typesOf(schema)
  if (types.length > 1) return unsafe(schema)
  const [type] = types
  if (type === undefined) return keywords.length > 0 ? unsafe(schema) : 'Type.Unknown()'
  if (type === 'array') return arrayOf(schema)
  if (type === 'object') return objectOf(schema)
  return call(PLAIN[type] as string, [...options(schema, ['type'])])
}

/** The imports of a module that holds TypeBox expressions. */
export function typeboxImports(body: string): string {
  const used = CONSTRUCTORS.filter((name) => new RegExp(`\\b${name}[(<]`).test(body))
  const known = /\bKnown</.test(body) ? ['type Known'] : []
  const typebox = [...(/\bTSchema\b/.test(body) ? ['type TSchema'] : []), ...(/\bType\./.test(body) ? ['Type'] : [])]
  return `${importOf(typebox, '@sinclair/typebox')}${importOf([...used, ...known], './constructors.js')}`
}

/** One keyword that refers to or combines schemas, or lists values (Core §8.2.3.1, §10.2.1; Validation §6.1). */
function combined(form: string, schema: SchemaObject, keywords: readonly string[]): string {
  const others = keywords.filter((keyword) => ![form, 'default'].includes(keyword))
  const only = others.length === 0
  const typed = others.every((keyword) => keyword === 'type')
  if (form === '$ref' && only) {
    const name = componentName(schema.$ref as string)
    return call(`Ref<${name}>`, [valueLiteral(name), ...options(schema, ['$ref'])])
  }
  if (form === 'oneOf' && only) return call('OneOf', [expressions(schema.oneOf), ...options(schema, ['oneOf'])])
  if (form === 'allOf' && only) return call('AllOf', [expressions(schema.allOf), ...options(schema, ['allOf'])])
  if (form === 'anyOf' && only && (schema.anyOf?.length ?? 0) > 1) {
    return call('Type.Union', [expressions(schema.anyOf), ...options(schema, ['anyOf'])])
  }
  const { const: value } = schema
  const scalar = ['string', 'number', 'boolean'].includes(typeof value)
  if (form === 'const' && scalar && typed) {
    return call('Type.Literal', [valueLiteral(value), ...options(schema, ['const'])])
  }
  if (form === 'enum' && typed) return call('Enum', [valueLiteral(schema.enum), ...options(schema, ['enum'])])
  return unsafe(schema)
}

function arrayOf(schema: SchemaObject): string {
  if (schema.prefixItems) return unsafe(schema)
  if (schema.items === undefined) return unsafe(schema)
  return call('Type.Array', [typeboxOf(schema.items), ...options(schema, ['type', 'items'])])
}

function objectOf(schema: SchemaObject): string {
  const properties = schema.properties ?? {}
  const required = new Set(schema.required ?? [])
  const { additionalProperties: further, patternProperties } = schema
  if (patternProperties || [...required].some((name) => !Object.hasOwn(properties, name))) return unsafe(schema)
  if (Object.keys(properties).length === 0) {
    const dictionary = typeof further === 'object'
    return dictionary
      ? call('Dictionary', [typeboxOf(further), ...options(schema, ['type', 'additionalProperties', 'properties'])])
      : unsafe(schema)
  }
  const members = Object.entries(properties).map(([name, property]) => {
    const expression = typeboxOf(property)
    return [name, required.has(name) ? expression : call('Type.Optional', [expression])] as const
  })
  return call('Type.Object', [objectLiteral(members), ...options(schema, ['type', 'properties', 'required'])])
}

/** The schema as it stands, with its type beside it. */
function unsafe(schema: SchemaObject): string {
  return call(`Type.Unsafe<${typeOf(schema).trim()}>`, [valueLiteral(runtimeSchema(schema))])
}

function expressions(schemas: readonly Schema[] | undefined): string {
  return arrayLiteral((schemas ?? []).map(typeboxOf))
}

/** The keywords that the builder itself does not write, as its last argument. */
function options(schema: SchemaObject, written: readonly string[]): string[] {
  const runtime = runtimeSchema(schema) as SchemaObject
  const rest = Object.entries(runtime).filter(([keyword]) => !written.includes(keyword))
  return rest.length > 0 ? [valueLiteral(Object.fromEntries(rest))] : []
}
