/** A stored component schema as a Prisma model. */
import type { OpenApiDocument } from '../document.js'
import type { SchemaObject } from '../schema/keywords.js'
import { type Column, columnOf, markOf } from './column.js'
import type { ModelExtension } from './extensions.js'

export interface EntityMark {
  model: string
  table: string
  key: string[]
  indexes?: string[][]
  unique?: string[][]
  omit?: string[]
}

export interface Model {
  name: string
  columns: readonly Column[]
  /** Block attributes. */
  attributes: readonly string[]
}

const NONE: ModelExtension = { first: {}, last: {}, attributes: [] }

export function modelOf(document: OpenApiDocument, schema: SchemaObject, extension: ModelExtension = NONE): Model {
  const { model, table, key, indexes = [], unique = [], omit = [] } = schema['x-entity'] as EntityMark
  const properties = schema.properties ?? {}
  const absent = omit.find((name) => !Object.hasOwn(properties, name))
  if (absent) throw new Error(`${model}: omits ${absent}, which it does not have`)
  const required = new Set(schema.required ?? [])
  const stored = Object.entries(properties).filter(([name, property]) => !omit.includes(name) && !markOf(property).omit)
  const columns = [
    ...Object.entries(extension.first).map(written),
    ...stored.map(([name, property]) => columnOf(document, model, name, property, required.has(name))),
    ...Object.entries(extension.last).map(written),
  ]
  const names = columns.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice) throw new Error(`${model}: extensions.yaml repeats the contract's ${twice}`)
  for (const name of [key, ...indexes, ...unique].flat()) {
    if (!names.includes(name)) throw new Error(`${model}: ${name} is no column of it`)
  }
  const [only] = key
  const single = key.length === 1
  return {
    name: model,
    columns: columns.map((column) => (single && column.name === only ? identified(column) : column)),
    attributes: [
      ...(single ? [] : [`@@id([${key.join(', ')}])`]),
      ...unique.map((group) => `@@unique([${group.join(', ')}])`),
      ...indexes.map((group) => `@@index([${group.join(', ')}])`),
      ...extension.attributes,
      `@@map("${table}")`,
    ],
  }
}

/** `Int @db.SmallInt` of extensions.yaml; an attribute may have spaces in its parentheses. */
function written([name, text]: readonly [string, string]): Column {
  const [, type = '', attributes = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? []
  return { name, type, attributes: attributes === '' ? [] : [attributes] }
}

function identified(column: Column): Column {
  return { ...column, attributes: ['@id', ...column.attributes] }
}
