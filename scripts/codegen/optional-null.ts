/**
 * Null in the published documents. Many serialisers write null for an absent field, so every
 * optional field of a body takes it, except in objects that count their fields.
 *
 * In `openapi/` a field takes null only where null has a meaning. The server removes every other
 * null before it validates a body: validators and handlers see the field as absent.
 */
import type { Components, OpenApiDocument } from './document.js'
import { operationsOf } from './operations.js'
import { type Schema, type SchemaObject, typesOf } from './schema/keywords.js'
import { componentName, reachableNames } from './schema/reference.js'

type Schemas = NonNullable<Components['schemas']>

/** The document as callers may take it. */
export function withOptionalNull(document: OpenApiDocument): OpenApiDocument {
  const schemas = document.components?.schemas ?? {}
  const asked = operationsOf(document).flatMap(({ body }) =>
    body?.contentTypes.includes('application/json') ? [body.schema] : [],
  )
  const names = new Set(reachableNames(asked, schemas))
  const opened = Object.entries(schemas).map(([name, schema]) => [
    name,
    names.has(name) ? opening(schema, schemas) : schema,
  ])
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(opened) } }
}

/** A null would have to be left out of the count, and no schema that generators know says so. */
const COUNTING = ['minProperties', 'maxProperties', 'dependentRequired']

/** Only closed objects are the contract's; the fields of an open one belong to its sender. */
function opening(schema: Schema, schemas: Schemas): Schema {
  if (typeof schema === 'boolean' || schema.additionalProperties !== false) return schema
  if (COUNTING.some((keyword) => keyword in schema)) return schema
  const required = new Set(schema.required ?? [])
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name,
    required.has(name) || takesNull(property, schemas) ? property : orNull(property, schemas),
  ])
  return { ...schema, properties: Object.fromEntries(properties) }
}

function target(schema: Schema, schemas: Schemas): Schema {
  return typeof schema === 'object' && schema.$ref !== undefined
    ? target(schemas[componentName(schema.$ref)] ?? true, schemas)
    : schema
}

function takesNull(property: Schema, schemas: Schemas): boolean {
  const schema = target(property, schemas)
  if (schema === true) return true
  if (schema === false) return false
  const branches = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])]
  if (branches.length > 0) return branches.some((branch) => takesNull(branch, schemas))
  return typesOf(schema).length === 0 ? !('enum' in schema || 'const' in schema) : typesOf(schema).includes('null')
}

/** In the form that most generators know: a list of types where that is enough. */
function orNull(property: Schema, schemas: Schemas): SchemaObject {
  const schema = target(property, schemas)
  if (typeof schema === 'boolean') throw new Error('a field that takes everything or nothing takes null or never')
  const own = typeof property === 'object' ? property : {}
  const { $ref: _, ...beside } = own
  const isPlain = typesOf(schema).length > 0 && !schema.enum && !('const' in schema) && !schema.oneOf && !schema.anyOf
  const isNamedObject = own.$ref !== undefined && schema.properties !== undefined
  if (isPlain && !isNamedObject) return { ...schema, ...beside, type: [...typesOf(schema), 'null'] } as SchemaObject
  const { description = schema.description, 'x-tract-extension': extension, ...rest } = own
  return {
    ...(description !== undefined && { description }),
    ...(extension !== undefined && { 'x-tract-extension': extension }),
    anyOf: [rest, { type: 'null' }],
  } as SchemaObject
}
