/**
 * A schema as a TypeBox expression (@sinclair/typebox 0.34) that serialises to the schema without
 * its annotations. Plain forms have TypeBox's builders; `oneOf`, `$ref`, `enum` and dictionaries
 * have those of packages/contract/src/constructors.ts. A mixed form is `Type.Unsafe` with its
 * generated type.
 */
import { arrayLiteral, call, objectLiteral, valueLiteral } from '../typescript.js'
import { type Schema, type SchemaObject, typesOf, validationKeywords } from './keywords.js'
import { componentName, runtimeSchema } from './reference.js'

/** The builders beside TypeBox's own. */
export const CONSTRUCTORS = ['Dictionary', 'Enum', 'OneOf', 'Ref'] as const

const IN_PLACE = ['$ref', 'allOf', 'anyOf', 'oneOf', 'const', 'enum']
const PLAIN: Record<string, string> = {
  string: 'Type.String',
  integer: 'Type.Integer',
  number: 'Type.Number',
  boolean: 'Type.Boolean',
  null: 'Type.Null',
}

/** @param type the schema's generated type: a component's name, and the way to it from there */
export function typeboxOf(schema: Schema, type: string): string {
  if (schema === true) return 'Type.Unknown()'
  if (schema === false) return 'Type.Never()'
  if ('x-refused-with' in schema) return unsafe(schema, type)
  const keywords = validationKeywords(schema)
  const [form, second] = IN_PLACE.filter((keyword) => keywords.includes(keyword))
  if (second) return unsafe(schema, type)
  if (form) return combined(form, schema, keywords, type)
  const [only, ...others] = typesOf(schema)
  if (only === undefined && keywords.length === 0) return 'Type.Unknown()'
  if (only === undefined || others.length > 0) return unsafe(schema, type)
  if (only === 'array') return arrayOf(schema, type)
  if (only === 'object') return objectOf(schema, type)
  return call(PLAIN[only] as string, [...options(schema, ['type'])])
}

/** A keyword that refers to or combines schemas, or lists values (Core §8.2.3.1, §10.2.1). */
function combined(form: string, schema: SchemaObject, keywords: readonly string[], type: string): string {
  const others = keywords.filter((keyword) => ![form, 'default'].includes(keyword))
  const only = others.length === 0
  const typed = others.every((keyword) => keyword === 'type')
  if (form === '$ref' && only) {
    const name = componentName(schema.$ref as string)
    return call(`Ref<${name}>`, [valueLiteral(name), ...options(schema, ['$ref'])])
  }
  if (form === 'oneOf' && only) return call('OneOf', [branches(schema.oneOf), ...options(schema, ['oneOf'])])
  if (form === 'anyOf' && only && (schema.anyOf?.length ?? 0) > 1) {
    return call('Type.Union', [branches(schema.anyOf), ...options(schema, ['anyOf'])])
  }
  const { const: value } = schema
  const scalar = ['string', 'number', 'boolean'].includes(typeof value)
  if (form === 'const' && scalar && typed) {
    return call('Type.Literal', [valueLiteral(value), ...options(schema, ['const'])])
  }
  if (form === 'enum' && typed) return call('Enum', [valueLiteral(schema.enum), ...options(schema, ['enum'])])
  return unsafe(schema, type)
}

function arrayOf(schema: SchemaObject, type: string): string {
  if (schema.items === undefined) return unsafe(schema, type)
  return call('Type.Array', [typeboxOf(schema.items, `${type}[number]`), ...options(schema, ['type', 'items'])])
}

function objectOf(schema: SchemaObject, type: string): string {
  const properties = schema.properties ?? {}
  const required = new Set(schema.required ?? [])
  const { additionalProperties: further, patternProperties } = schema
  if (patternProperties || [...required].some((name) => !Object.hasOwn(properties, name))) return unsafe(schema, type)
  if (Object.keys(properties).length === 0) {
    if (typeof further !== 'object') return unsafe(schema, further === false ? type : 'Record<string, unknown>')
    const written = ['type', 'additionalProperties', 'properties']
    return call('Dictionary', [typeboxOf(further, `${type}[string]`), ...options(schema, written)])
  }
  const members = Object.entries(properties).map(([name, property]) => {
    const isRequired = required.has(name)
    const expression = typeboxOf(property, `${isRequired ? type : `Required<${type}>`}[${valueLiteral(name)}]`)
    return [name, isRequired ? expression : call('Type.Optional', [expression])] as const
  })
  return call('Type.Object', [objectLiteral(members), ...options(schema, ['type', 'properties', 'required'])])
}

/** The schema as it stands, with its type beside it. */
function unsafe(schema: SchemaObject, type: string): string {
  return call(`Type.Unsafe<${type}>`, [valueLiteral(runtimeSchema(schema))])
}

/** No indexed access leads to a branch, so a branch of a mixed form has to be a component. */
function branches(schemas: readonly Schema[] = []): string {
  return arrayLiteral(
    schemas.map((schema) => {
      const expression = typeboxOf(schema, '')
      if (expression.includes('Unsafe<>')) throw new Error(`give it a name as a component: ${JSON.stringify(schema)}`)
      return expression
    }),
  )
}

/** The keywords that the builder itself does not write, as its last argument. */
function options(schema: SchemaObject, written: readonly string[]): string[] {
  const runtime = runtimeSchema(schema) as SchemaObject
  const rest = Object.entries(runtime).filter(([keyword]) => !written.includes(keyword))
  return rest.length > 0 ? [valueLiteral(Object.fromEntries(rest))] : []
}
