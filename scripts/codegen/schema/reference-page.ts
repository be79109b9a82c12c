/** A component schema on a reference page: its description and a table of its fields. */
import type { OpenApiDocument } from '../document.js'
import { code, section, table } from '../markdown.js'
import { type Schema, type SchemaObject, typesOf } from './keywords.js'
import { componentName } from './reference.js'

export function schemaLink(name: string): string {
  return `[${name}](#${name.toLowerCase()})`
}

export function schemaSection(document: OpenApiDocument, name: string): string {
  const schema = component(document, name)
  const rows = fieldRows(document, schema)
  const fields =
    rows.length > 0 ? table(['field', 'type', 'required', 'meaning'], rows) : 'It has no fields of its own.'
  return section(`### ${name}`, schema.description, fields)
}

function fieldRows(document: OpenApiDocument, schema: SchemaObject): string[][] {
  const required = new Set(schema.required ?? [])
  return Object.entries(schema.properties ?? {}).map(([name, property]) => [
    code(name),
    typeName(document, property),
    required.has(name) ? '**yes**' : 'no',
    `${meaning(document, property)}${extension(property) ? ' *(extension)*' : ''}`,
  ])
}

/** A component schema that has to be there. */
function component(document: OpenApiDocument, name: string): SchemaObject {
  const schema = document.components?.schemas?.[name]
  if (typeof schema !== 'object') throw new Error(`the document has no component schema ${name}`)
  return schema.$ref === undefined ? schema : component(document, componentName(schema.$ref))
}

function typeName(document: OpenApiDocument, schema: Schema): string {
  if (typeof schema === 'boolean') return 'any'
  if (schema.$ref !== undefined) {
    const name = componentName(schema.$ref)
    const target = component(document, name)
    return target.properties || target.oneOf || target.anyOf || target.allOf ? code(name) : typeName(document, target)
  }
  const alternatives = schema.oneOf ?? schema.anyOf
  if (alternatives) return alternatives.map((alternative) => typeName(document, alternative)).join(' or ')
  if ('const' in schema) return code(JSON.stringify(schema.const))
  if (schema.enum) return schema.enum.map((value) => code(String(value))).join(', ')
  const types = typesOf(schema)
  const list = schema.items === undefined ? '' : ` of ${typeName(document, schema.items)}`
  return types.length === 0 ? 'any' : types.map((type) => (type === 'array' ? `array${list}` : type)).join(' or ')
}

function meaning(document: OpenApiDocument, schema: Schema): string {
  if (typeof schema === 'boolean') return ''
  if (schema.description !== undefined) return schema.description
  return schema.$ref === undefined ? '' : (component(document, componentName(schema.$ref)).description ?? '')
}

function extension(schema: Schema): boolean {
  return typeof schema === 'object' && schema['x-tract-extension'] === true
}
