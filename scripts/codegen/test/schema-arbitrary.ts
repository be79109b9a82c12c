/**
 * Valid instances of a JSON schema as fast-check arbitraries. Few are invalid: the generator does
 * not follow `not`, `contains`, `oneOf` and `patternProperties`, so a caller asks a validator.
 */
import fc from 'fast-check'
import type { Schema, SchemaObject } from '../schema/keywords.js'
import { alternatives, type ComponentSchemas } from './schema-flattening.js'
import { stringArbitrary } from './string-arbitrary.js'

/** Below this depth a value has only what it must have. */
const DEEP = 4
const BOTTOM = 24
const KINDS = ['string', 'integer', 'number', 'boolean', 'null', 'array', 'object']

export function instanceOf(schema: Schema, components: ComponentSchemas, depth = 0): fc.Arbitrary<unknown> {
  if (depth > BOTTOM) throw new Error(`no finite value: ${JSON.stringify(schema).slice(0, 160)}`)
  const possible = alternatives(schema, components)
  if (possible.length === 0) throw new Error(`no value: ${JSON.stringify(schema).slice(0, 160)}`)
  const bySize = [...possible].sort((a, b) => (a.required?.length ?? 0) - (b.required?.length ?? 0))
  const chosen = depth > DEEP ? bySize.slice(0, 1) : possible
  return fc.oneof(...chosen.map((alternative) => plain(alternative, components, depth)))
}

function plain(schema: SchemaObject, components: ComponentSchemas, depth: number): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const types = schema.type === undefined ? impliedTypes(schema) : [schema.type].flat()
  if (types.length === KINDS.length) return fc.jsonValue({ maxDepth: 1 }).map(withoutNegativeZero)
  return fc.oneof(...types.map((type) => ofType(type, schema, components, depth)))
}

function impliedTypes(schema: SchemaObject): string[] {
  if (schema.properties || schema.required || schema.patternProperties) return ['object']
  return schema.items ? ['array'] : KINDS
}

function ofType(
  type: string,
  schema: SchemaObject,
  components: ComponentSchemas,
  depth: number,
): fc.Arbitrary<unknown> {
  switch (type) {
    case 'string':
      return stringArbitrary(schema)
    case 'integer':
    case 'number':
      return numberArbitrary(schema, type === 'integer')
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return arrayArbitrary(schema, components, depth)
    default:
      return objectArbitrary(schema, components, depth)
  }
}

function numberArbitrary(schema: SchemaObject, integer: boolean): fc.Arbitrary<number> {
  const {
    minimum,
    maximum,
    exclusiveMinimum,
    exclusiveMaximum,
    multipleOf: step,
  } = schema as Record<string, number | undefined>
  const least = Math.max(minimum ?? -1e9, exclusiveMinimum ?? -1e9)
  const most = Math.min(maximum ?? 1e9, exclusiveMaximum ?? 1e9)
  const inside = (value: number) => value !== exclusiveMinimum && value !== exclusiveMaximum
  if (step !== undefined) {
    const steps = fc.integer({ min: Math.ceil(least / step), max: Math.floor(most / step) })
    return steps.map((count) => count * step).filter(inside)
  }
  if (integer) return fc.integer({ min: Math.ceil(least), max: Math.floor(most) }).filter(inside)
  return fc
    .double({ min: least, max: most, noNaN: true })
    .map((value) => value + 0)
    .filter(inside)
}

function arrayArbitrary(schema: SchemaObject, components: ComponentSchemas, depth: number): fc.Arbitrary<unknown> {
  const { minItems = 0, maxItems = 4, items = true } = schema as { minItems?: number; maxItems?: number } & SchemaObject
  const most = depth > DEEP ? minItems : Math.max(minItems, Math.min(maxItems, minItems + 3))
  const length = { minLength: minItems, maxLength: most }
  if (items === false || most === 0) return fc.constant([])
  const item = instanceOf(items, components, depth + 1)
  return schema.uniqueItems ? fc.uniqueArray(item, { ...length, selector: JSON.stringify }) : fc.array(item, length)
}

function objectArbitrary(schema: SchemaObject, components: ComponentSchemas, depth: number): fc.Arbitrary<unknown> {
  const required = schema.required ?? []
  const names = new Set([...required, ...Object.keys(schema.properties ?? {})])
  const kept = [...names].filter((name) => required.includes(name) || depth <= DEEP)
  const possible = kept.filter((name) => alternatives(schema.properties?.[name] ?? true, components).length > 0)
  const values = possible.map(
    (name) => [name, instanceOf(schema.properties?.[name] ?? true, components, depth + 1)] as const,
  )
  const optional = possible.filter((name) => !required.includes(name))
  const chosen = optional.length > 0 ? fc.subarray(optional) : fc.constant([])
  return fc
    .tuple(fc.record(Object.fromEntries(values)), chosen, furtherArbitrary(schema, names, components, depth))
    .map(([all, some, further]) => {
      const wanted = counted(schema, [...required, ...depended(schema, [...required, ...some])], possible)
      const known = Object.fromEntries(wanted.map((name) => [name, (all as Record<string, unknown>)[name]]))
      const room = Number(schema.maxProperties ?? 100) - wanted.length
      return { ...Object.fromEntries(Object.entries(further).slice(0, Math.max(0, room))), ...known }
    })
}

/** Names with all those that they bring along (Validation §6.5.4). */
function depended(schema: SchemaObject, names: readonly string[]): string[] {
  const brings = (schema.dependentRequired ?? {}) as Record<string, string[]>
  const more = names.flatMap((name) => brings[name] ?? []).filter((name) => !names.includes(name))
  return more.length === 0 ? [...names] : depended(schema, [...new Set([...names, ...more])])
}

/** As many names as `minProperties` and `maxProperties` ask for. */
function counted(schema: SchemaObject, names: readonly string[], possible: readonly string[]): string[] {
  const distinct = [...new Set(names)]
  const more = possible.filter((name) => !distinct.includes(name))
  const missing = Math.max(0, Number(schema.minProperties ?? 0) - distinct.length)
  return [...distinct, ...more.slice(0, missing)].slice(0, Number(schema.maxProperties ?? Number.POSITIVE_INFINITY))
}

/** Properties that the schema does not name, where it allows any. */
function furtherArbitrary(
  schema: SchemaObject,
  names: ReadonlySet<string>,
  components: ComponentSchemas,
  depth: number,
): fc.Arbitrary<Record<string, unknown>> {
  const further = schema.additionalProperties ?? true
  if (further === false || depth > DEEP || schema.propertyNames !== undefined) return fc.constant({})
  const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !names.has(text) && text !== '__proto__')
  return fc.dictionary(name, instanceOf(further, components, depth + 1), { maxKeys: 2, noNullPrototype: true })
}

/** JSON has no negative zero, and `1 / -0` differs from `1 / 0`. */
function withoutNegativeZero(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}
