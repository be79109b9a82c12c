/** Objects (JSON Schema 2020-12 Core §10.3.2, Validation §6.5). */
import { comment, indent, propertyName, unionType } from '../typescript.js'
import type { Schema, SchemaObject } from './keywords.js'
import { typeOf } from './type.js'

/**
 * A schema that says nothing of further properties allows them, as does any object type: they need no index signature. One that says
 * `additionalProperties: true`, or names no property, has unknown ones that a program is meant to read.
 */
export function objectType(schema: SchemaObject): string {
  const required = new Set(schema.required ?? [])
  const properties = Object.entries(schema.properties ?? {})
  const members = properties.map(([name, property]) => member(name, property, required.has(name)))
  for (const name of required) {
    if (!schema.properties || !Object.hasOwn(schema.properties, name)) members.push(`${propertyName(name)}: unknown`)
  }
  const further = furtherProperties(schema, members.length > 0)
  if (further !== undefined) members.push(`[key: string]: ${indexType(further, schema)}`)
  const line = `{ ${members.join('; ')} }`
  return line.includes('\n') || line.length > 90 ? `{\n  ${members.map((text) => indent(text)).join('\n  ')}\n}` : line
}

export function documentation(schema: Schema): string {
  if (typeof schema === 'boolean') return ''
  return comment([schema.description?.trim(), schema.deprecated ? '@deprecated' : undefined])
}

function member(name: string, schema: Schema, required: boolean): string {
  return `${documentation(schema)}${propertyName(name)}${required ? '' : '?'}: ${typeOf(schema)}`
}

/** The schema of the properties that are not named; undefined where there are none, or none of interest. */
function furtherProperties(schema: SchemaObject, named: boolean): Schema | undefined {
  const patterns = Object.values(schema.patternProperties ?? {})
  const rest = schema.additionalProperties ?? schema.unevaluatedProperties
  if (patterns.length > 0) return rest === false ? { anyOf: patterns } : true
  if (rest === undefined) return named ? undefined : true
  if (rest === false) return named ? undefined : false
  return rest
}

/** An index signature has to cover the named properties as well. */
function indexType(further: Schema, schema: SchemaObject): string {
  return further === false ? 'never' : unionType([further, ...Object.values(schema.properties ?? {})].map(typeOf))
}
