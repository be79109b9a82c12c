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

/** The identifier by which a validator knows the component: `$id` is the name, and a reference ends in the empty fragment. */
function runtimeReference(name: string): string {
  return `${name}#`
}

/** What says which values are valid beyond their type and their size: beside `x-refused-with`, a check of the server's own. */
export const LEFT_TO_SERVER = new Set(['enum', 'pattern', 'format', 'oneOf', 'not'])

/** The schema as validators get it: its annotations and `x-` keys left out, its references to components by `$id`. */
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
export function referencedNames(schemas: readonly Schema[]): string[] {
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

function runtimeSchemas(schemas: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, runtimeSchema(schema)]))
}
