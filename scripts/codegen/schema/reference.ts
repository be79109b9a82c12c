/** References between component schemas (JSON Schema 2020-12 Core §8.2.3.1). */
import { isIdentifier } from '../typescript.js'
import { holds, type Schema, type SchemaObject } from './keywords.js'

const COMPONENT = '#/components/schemas/'

/** The component that a `$ref` names; its name is a TypeScript type too. */
export function componentName(ref: string): string {
  const name = ref.startsWith(COMPONENT) ? ref.slice(COMPONENT.length) : ''
  if (!isIdentifier(name)) throw new Error(`${ref} is no reference to a component schema with the name of a type`)
  return name
}

/** A component's reference for validators: its name is the `$id`, followed by an empty fragment. */
function runtimeReference(name: string): string {
  return `${name}#`
}

/** Keywords that `x-refused-with` takes from validators: a check in the server answers instead, with one code whatever is wrong. */
export const LEFT_TO_SERVER = new Set(['enum', 'pattern', 'format', 'maxLength', 'oneOf', 'not'])

/** The schema for validators: without annotations and `x-` keys, its references by `$id`. */
export function runtimeSchema(schema: Schema): Schema {
  if (typeof schema === 'boolean') return schema
  const entries: [string, unknown][] = []
  for (const [keyword, value] of Object.entries(schema)) {
    const kind = holds(keyword, schema)
    if (kind === 'annotation') continue
    if ('x-refused-with' in schema && LEFT_TO_SERVER.has(keyword)) continue
    if (keyword === '$ref') entries.push([keyword, runtimeReference(componentName(value as string))])
    else if (kind === 'schema') entries.push([keyword, runtimeSchema(value as Schema)])
    else if (kind === 'schemas') entries.push([keyword, (value as Schema[]).map(runtimeSchema)])
    else if (kind === 'schemas by name') entries.push([keyword, runtimeSchemas(value as Record<string, Schema>)])
    else entries.push([keyword, value])
  }
  return Object.fromEntries(entries) as SchemaObject
}

/** The components that the schemas name, each once, sorted. */
function referencedNames(schemas: readonly Schema[]): string[] {
  const names = new Set<string>()
  const visit = (schema: Schema): void => {
    if (typeof schema === 'boolean') return
    for (const [keyword, value] of Object.entries(schema)) {
      const kind = holds(keyword, schema)
      if (keyword === '$ref') names.add(componentName(value as string))
      else if (kind === 'schema') visit(value as Schema)
      else if (kind === 'schemas') (value as Schema[]).forEach(visit)
      else if (kind === 'schemas by name') Object.values(value as Record<string, Schema>).forEach(visit)
    }
  }
  schemas.forEach(visit)
  return [...names].sort()
}

/** The components that the schemas lead to, over any number of references, sorted. */
export function reachableNames(from: readonly Schema[], components: Readonly<Record<string, Schema>> = {}): string[] {
  const found = new Set<string>()
  const visit = (schemas: readonly Schema[]): void => {
    for (const name of referencedNames(schemas)) {
      if (found.has(name)) continue
      found.add(name)
      visit([components[name] ?? true])
    }
  }
  visit(from)
  return [...found].sort()
}

function runtimeSchemas(schemas: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, runtimeSchema(schema)]))
}
