/** A property of a stored schema as a Prisma field: by its schema, and by `x-entity` beside it. */
import type { OpenApiDocument } from '../document.js'
import { type Schema, type SchemaObject, typesOf } from '../schema/keywords.js'
import { componentName } from '../schema/reference.js'
import { pascalCase } from '../typescript.js'

export interface Column {
  name: string
  /** With its `?` or `[]`. */
  type: string
  attributes: readonly string[]
  /** The enum that the type names, where the document defines it. */
  enum?: { name: string; values: readonly string[] }
}

export interface PropertyMark {
  type?: string
  column?: string
  db?: string
  default?: string | number | boolean
  omit?: boolean
}

/** A schema with its references followed and `null` taken out of it. */
interface Meaning {
  schema: SchemaObject
  /** The last component on the way. */
  component: string | undefined
  nullable: boolean
}

export function columnOf(
  document: OpenApiDocument,
  model: string,
  name: string,
  property: Schema,
  required: boolean,
): Column {
  const meaning = meaningOf(document, property)
  const mark = markOf(property)
  const derived: Derived = mark.type === undefined ? typeFor(document, meaning, model, name) : { type: mark.type }
  const native = mark.db ?? derived.db
  const optional = derived.type.endsWith('[]') || (required && !meaning.nullable) ? '' : '?'
  return {
    name,
    type: `${derived.type}${optional}`,
    attributes: [
      ...(mark.default === undefined
        ? []
        : [`@default(${defaultValue(mark.default, derived.type, derived.enum !== undefined)})`]),
      ...(mark.column === undefined ? [] : [`@map("${mark.column}")`]),
      ...(native === undefined ? [] : [`@db.${native}`]),
    ],
    ...(derived.enum ? { enum: derived.enum } : {}),
  }
}

export function markOf(property: Schema): PropertyMark {
  return typeof property === 'object' ? ((property['x-entity'] ?? {}) as PropertyMark) : {}
}

interface Derived {
  type: string
  db?: string
  enum?: { name: string; values: readonly string[] }
}

function typeFor(document: OpenApiDocument, { schema, component }: Meaning, model: string, name: string): Derived {
  if (schema.oneOf || schema.anyOf || schema.allOf) return { type: 'Json', db: 'JsonB' }
  const types = typesOf(schema).filter((type) => type !== 'null')
  if (types.length > 1) return { type: 'Json', db: 'JsonB' }
  if (schema.enum && types[0] === 'string') {
    const values = schema.enum.filter((value) => value !== null).map(String)
    const title = component ?? `${model}${pascalCase(name)}`
    return { type: title, enum: { name: title, values } }
  }
  switch (types[0]) {
    case 'string':
      return stringType(schema)
    case 'integer':
      return { type: schema.format === 'int64' ? 'BigInt' : 'Int' }
    case 'number':
      return { type: 'Float' }
    case 'boolean':
      return { type: 'Boolean' }
    case 'object':
      return { type: 'Json', db: 'JsonB' }
    case 'array':
      return arrayType(document, schema)
    default:
      throw new Error(`${model}.${name}: its schema gives no column type; say it in x-entity`)
  }
}

function stringType({ format, maxLength }: SchemaObject): Derived {
  if (format === 'uuid') return { type: 'String', db: 'Uuid' }
  if (format === 'date-time') return { type: 'DateTime', db: 'Timestamptz(3)' }
  return maxLength === undefined ? { type: 'String' } : { type: 'String', db: `VarChar(${maxLength})` }
}

/** A list of an enum is a text array too: a new value then needs no migration of a type. */
function arrayType(document: OpenApiDocument, { items = true }: SchemaObject): Derived {
  const item = meaningOf(document, items)
  const strings = item.schema.type === 'string' && !item.nullable
  return strings ? { type: 'String[]' } : { type: 'Json', db: 'JsonB' }
}

function meaningOf(document: OpenApiDocument, schema: Schema, component?: string): Meaning {
  if (typeof schema === 'boolean') return { schema: {}, component, nullable: true }
  if (schema.$ref !== undefined) {
    const name = componentName(schema.$ref)
    const target = document.components?.schemas?.[name]
    if (target === undefined) throw new Error(`${schema.$ref} points at nothing`)
    return meaningOf(document, target, name)
  }
  const alternatives = schema.oneOf ?? schema.anyOf
  const others = alternatives?.filter((alternative) => typeof alternative !== 'object' || alternative.type !== 'null')
  if (alternatives && others?.length === 1 && alternatives.length === 2) {
    return { ...meaningOf(document, others[0] as Schema), nullable: true }
  }
  return { schema, component, nullable: typesOf(schema).includes('null') }
}

function defaultValue(value: string | number | boolean, type: string, isEnum: boolean): string {
  if (typeof value !== 'string') return String(value)
  const plain = isEnum || /^[a-z]\w*\(.*\)$/i.test(value) || type === 'Boolean'
  return plain ? value : JSON.stringify(value)
}
