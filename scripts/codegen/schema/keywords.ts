/**
 * The keywords of JSON Schema 2020-12 and OpenAPI 3.1 (§4.8.24) that the contract may use, and what
 * each holds. Any other keyword stops the generators, which would otherwise drop it silently.
 */

export interface SchemaObject {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  description?: string
  deprecated?: boolean
  format?: string
  minLength?: number
  maxLength?: number
  required?: string[]
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  [keyword: string]: unknown
}

export type Schema = boolean | SchemaObject

type Holds = 'value' | 'schema' | 'schemas' | 'schemas by name' | 'annotation'

const KEYWORDS: Record<string, Holds> = {
  // Core, §8.2.3
  $ref: 'value',
  $comment: 'annotation',
  // Applicators, §10
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  not: 'schema',
  if: 'schema',
  // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
  then: 'schema',
  else: 'schema',
  dependentSchemas: 'schemas by name',
  items: 'schema',
  contains: 'schema',
  properties: 'schemas by name',
  patternProperties: 'schemas by name',
  additionalProperties: 'schema',
  propertyNames: 'schema',
  // Validation, §6
  type: 'value',
  enum: 'value',
  const: 'value',
  multipleOf: 'value',
  maximum: 'value',
  exclusiveMaximum: 'value',
  minimum: 'value',
  exclusiveMinimum: 'value',
  maxLength: 'value',
  minLength: 'value',
  pattern: 'value',
  maxItems: 'value',
  minItems: 'value',
  uniqueItems: 'value',
  maxContains: 'value',
  minContains: 'value',
  maxProperties: 'value',
  minProperties: 'value',
  required: 'value',
  dependentRequired: 'value',
  // Validation §7, asserted by our validators
  format: 'value',
  // Validation §9.2; kept, since a validator may fill it in
  default: 'value',
  // Validation §8 and §9: annotations
  contentEncoding: 'annotation',
  contentMediaType: 'annotation',
  contentSchema: 'annotation',
  title: 'annotation',
  description: 'annotation',
  deprecated: 'annotation',
  readOnly: 'annotation',
  writeOnly: 'annotation',
  examples: 'annotation',
  // OpenAPI 3.1 §4.8.24; a discriminator never changes whether a value is valid (§4.8.25)
  discriminator: 'annotation',
  externalDocs: 'annotation',
  example: 'annotation',
  xml: 'annotation',
  // Ours
  'x-tract-extension': 'annotation',
  'x-tract-extension-values': 'annotation',
  'x-entity': 'annotation',
  // The error code of a check in the server: validators ignore the values listed beside it
  'x-refused-with': 'annotation',
  // Two fields that together name a hook or an event, other spellings of the second, and further
  // rules for a value of the first
  'x-names': 'annotation',
  'x-also': 'annotation',
  'x-then': 'annotation',
  // What generators of other languages read; the values so far of an enumeration that may grow
  'x-extensible-enum': 'annotation',
  'x-enum-varnames': 'annotation',
}

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']

/** What a keyword holds. Throws where it is unknown, or openapi-typescript mistypes it. */
export function holds(keyword: string, schema: SchemaObject): Holds {
  const known = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined
  if (!known) throw new Error(`unknown keyword ${keyword} in ${JSON.stringify(schema).slice(0, 160)}`)
  const isMistyped = keyword === 'anyOf' || (keyword === 'additionalProperties' && typeof schema[keyword] === 'object')
  if (isMistyped && schema.properties)
    throw new Error(`${keyword} beside properties has no right type in ${JSON.stringify(schema).slice(0, 160)}`)
  return known
}

/** The types that a schema names, none where it names none (Validation §6.1.1). */
export function typesOf(schema: SchemaObject): string[] {
  const types = schema.type === undefined ? [] : [schema.type].flat()
  for (const type of types) {
    if (!TYPES.includes(type)) throw new Error(`unknown type ${type} in ${JSON.stringify(schema).slice(0, 160)}`)
  }
  return types
}

/** The keywords that decide whether a value is valid, in the order of the document. */
export function validationKeywords(schema: SchemaObject): string[] {
  return Object.keys(schema).filter((keyword) => holds(keyword, schema) !== 'annotation')
}
