/** A schema as its alternatives without `$ref`, `allOf`, `anyOf`, `oneOf` and `if`. */
import type { Schema, SchemaObject } from '../schema/keywords.js'
import { componentName } from '../schema/reference.js'

export type ComponentSchemas = Readonly<Record<string, Schema>>

const LARGER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const SMALLER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']

/** Without those that contradict themselves; those that a `not` or a `oneOf` excludes stay. */
export function alternatives(schema: Schema, components: ComponentSchemas): SchemaObject[] {
  if (schema === false) return []
  if (schema === true) return [{}]
  const { $ref, allOf = [], anyOf, oneOf, if: condition, then = true, else: otherwise = true, ...own } = schema
  const groups: SchemaObject[][] = [[own]]
  if ($ref !== undefined) groups.push(alternatives(components[componentName($ref)] ?? false, components))
  for (const part of allOf) groups.push(alternatives(part, components))
  for (const parts of [anyOf, oneOf]) if (parts) groups.push(parts.flatMap((part) => alternatives(part, components)))
  if (condition !== undefined) {
    const met = { allOf: [condition, then] as Schema[] }
    groups.push([...alternatives(met, components), ...alternatives(otherwise as Schema, components)])
  }
  return groups.reduce((left, right) => left.flatMap((a) => right.flatMap((b) => merge(a, b))), [{}])
}

/** A schema that both hold for; none where their types or values have nothing in common. */
function merge(a: SchemaObject, b: SchemaObject): SchemaObject[] {
  const merged: SchemaObject = { ...a, ...b }
  if (a.type !== undefined && b.type !== undefined) {
    const types = [a.type].flat().filter((type) => [b.type].flat().includes(type))
    if (types.length === 0) return []
    merged.type = types
  }
  const values = [a, b]
    .map((schema) => ('const' in schema ? [schema.const] : schema.enum))
    .filter((list) => list !== undefined)
  const [first, second] = values
  if (first && second) {
    const shared = first.filter((value) => second.includes(value))
    if (shared.length === 0) return []
    merged.enum = shared
    delete merged.const
  }
  if (a.required && b.required) merged.required = [...new Set([...a.required, ...b.required])]
  if (a.properties && b.properties) {
    const names = new Set([...Object.keys(a.properties), ...Object.keys(b.properties)])
    merged.properties = Object.fromEntries(
      [...names].map((name) => [name, both(a.properties?.[name], b.properties?.[name])]),
    )
  }
  if (a.items !== undefined && b.items !== undefined) merged.items = both(a.items, b.items)
  for (const keyword of LARGER) limit(merged, keyword, a, b, Math.max)
  for (const keyword of SMALLER) limit(merged, keyword, a, b, Math.min)
  return [merged]
}

function both(a: Schema | undefined, b: Schema | undefined): Schema {
  if (a === undefined || a === true) return b ?? true
  return b === undefined || b === true ? a : { allOf: [a, b] }
}

function limit(merged: SchemaObject, keyword: string, a: SchemaObject, b: SchemaObject, choose: typeof Math.max): void {
  const [left, right] = [a[keyword], b[keyword]]
  if (typeof left === 'number' && typeof right === 'number') merged[keyword] = choose(left, right)
}
