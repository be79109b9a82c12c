/** The TypeScript type of the values that a schema allows (JSON Schema 2020-12 Core §10, Validation §6.1). */
import { group, intersectionType, propertyName, stringLiteral, unionType } from '../typescript.js'
import { arrayType } from './array-type.js'
import { type Schema, type SchemaObject, typesOf, validationKeywords } from './keywords.js'
import { objectType } from './object-type.js'
import { componentName } from './reference.js'

/** `not`, `if` and the limits of numbers, lengths and counts have no counterpart among types: what they exclude only a validator sees. */
export function typeOf(schema: Schema): string {
  if (schema === true) return 'unknown'
  if (schema === false) return 'never'
  const keywords = validationKeywords(schema)
  const applied = [
    ...(schema.$ref === undefined ? [] : [componentName(schema.$ref)]),
    ...(schema.allOf ?? []).map(typeOf),
    ...(schema.oneOf ? [unionType(schema.oneOf.map(typeOf))] : []),
    ...(schema.anyOf ? [unionType(schema.anyOf.map(typeOf))] : []),
  ]
  const own = ownType(schema, keywords)
  if (applied.length === 0) return own
  const bare = typesOf(schema).length === 1 && keywords.every((keyword) => !DESCRIBES.has(keyword))
  const type = intersectionType(bare ? applied : [...applied, own])
  return schema.unevaluatedProperties === false ? `Known<${type.trim()}>` : type
}

/** Keywords that say more of a type than its name does. */
const DESCRIBES = new Set([
  'const',
  'enum',
  'properties',
  'patternProperties',
  'additionalProperties',
  'items',
  'prefixItems',
  'required',
])

/** What the schema says itself, without the schemas that it refers to or combines. */
function ownType(schema: SchemaObject, keywords: readonly string[]): string {
  if ('const' in schema) return literalType(schema.const)
  if (schema.enum) return unionType(schema.enum.map(literalType))
  if (Array.isArray(schema['x-extensible-enum'])) return openType(schema['x-extensible-enum'])
  const types = typesOf(schema)
  if (types.length > 0) return unionType(types.map((type) => namedType(type, schema)))
  // Without a type the keywords of objects and arrays hold for those only; where they stand alone that is what is meant.
  if (keywords.includes('properties') || keywords.includes('patternProperties')) return objectType(schema)
  if (keywords.includes('items') || keywords.includes('prefixItems')) return arrayType(schema)
  return 'unknown'
}

function namedType(type: string, schema: SchemaObject): string {
  if (type === 'object') return objectType(schema)
  if (type === 'array') return arrayType(schema)
  return type === 'integer' ? 'number' : type
}

/** Completed by an editor, and open to what a newer service says. */
function openType(values: readonly unknown[]): string {
  return unionType([...values.map(literalType), '(string & {})'])
}

/** The type of one value (Validation §6.1.2, §6.1.3). */
function literalType(value: unknown): string {
  if (typeof value === 'string') return stringLiteral(value)
  if (Array.isArray(value)) return `[${value.map(literalType).join(', ')}]`
  if (value === null || typeof value !== 'object') return String(value)
  const members = Object.entries(value).map(([name, member]) => `${propertyName(name)}: ${group(literalType(member))}`)
  return `{ ${members.join('; ')} }`
}
