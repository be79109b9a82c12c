/**
 * What an object schema says of each of its fields, with references followed and compositions worked out.
 *
 * @typedef {import('./document.js').Context} Context
 * @typedef {import('./document.js').Place} Place
 * @typedef {{ name: string, place: Place, required: boolean, extension: boolean, claimed: boolean }} Field
 *   `extension`: something says that it is not the source's (the field, what it refers to, or the schema it stands in);
 *   `claimed`: the field or the schema it stands in says so, and not only the shared schema that it refers to.
 * @typedef {Map<string, Field>} Shape
 */
import { child, children } from './document.js'

/** @param {Place} place */
export const isMarked = (place) => [place.node, ...place.references].some((node) => node['x-tract-extension'] === true)

/**
 * The alternatives of a schema: one shape, or one for every branch of a `oneOf` or `anyOf`.
 * @param {Context} ctx
 * @param {Place} schema
 * @param {boolean} marked is a schema that encloses this one an extension as a whole
 * @returns {Shape[]}
 */
export function shapes(ctx, schema, marked = false) {
  const extension = marked || isMarked(schema)
  /** @type {Shape} */
  const own = new Map()
  const required = new Set(schema.node.required ?? [])
  const properties = child(ctx, schema, 'properties')
  for (const [name, place] of properties ? children(ctx, properties) : [])
    own.set(name, {
      name,
      place,
      required: required.has(name),
      extension: extension || isMarked(place),
      claimed: extension || (place.references[0] ?? place.node)['x-tract-extension'] === true,
    })
  let alternatives = [own]
  for (const part of branches(ctx, schema, 'allOf')) alternatives = combine(alternatives, shapes(ctx, part, extension))
  for (const keyword of ['oneOf', 'anyOf']) {
    const parts = branches(ctx, schema, keyword)
    if (parts.length)
      alternatives = combine(
        alternatives,
        parts.flatMap((part) => shapes(ctx, part, extension)),
      )
  }
  // `required` may stand beside a composition that declares the properties.
  for (const shape of alternatives)
    for (const [name, field] of shape) if (required.has(name)) shape.set(name, { ...field, required: true })
  return alternatives
}

/**
 * @param {Context} ctx
 * @param {Place} schema
 * @param {string} keyword
 */
export function branches(ctx, schema, keyword) {
  const list = child(ctx, schema, keyword)
  return list ? children(ctx, list).map(([, place]) => place) : []
}

/**
 * @param {Shape[]} left
 * @param {Shape[]} right
 */
function combine(left, right) {
  return left.flatMap((a) => right.map((b) => merge(a, b)))
}

/**
 * A field that two parts of an `allOf` declare is required if either says so, and the source's if either is.
 * @param {Shape} a
 * @param {Shape} b
 */
function merge(a, b) {
  const merged = new Map(a)
  for (const [name, field] of b) {
    const other = merged.get(name)
    const { required, extension, claimed } = other ?? { required: false, extension: true, claimed: true }
    merged.set(name, {
      ...field,
      required: field.required || required,
      extension: field.extension && extension,
      claimed: field.claimed && claimed,
    })
  }
  return merged
}

/**
 * The JSON types that a schema admits, sorted; `any` where it does not say.
 * @param {Context} ctx
 * @param {Place} schema
 * @returns {string[]}
 */
export function typesOf(ctx, schema) {
  const { node } = schema
  if (node.type !== undefined) return [node.type].flat().sort()
  if ('const' in node) return [jsonType(node.const)]
  if (Array.isArray(node.enum)) return [...new Set(node.enum.map(jsonType))].sort()
  for (const keyword of ['oneOf', 'anyOf']) {
    const parts = branches(ctx, schema, keyword)
    if (parts.length) return [...new Set(parts.flatMap((part) => typesOf(ctx, part)))].sort()
  }
  for (const part of branches(ctx, schema, 'allOf')) {
    const types = typesOf(ctx, part)
    if (types[0] !== 'any') return types
  }
  return node.properties ? ['object'] : ['any']
}

/** @param {unknown} value */
function jsonType(value) {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

/**
 * The values that a schema admits, where it lists them.
 * @param {Context} ctx
 * @param {Place} schema
 * @returns {unknown[] | undefined}
 */
export function valuesOf(ctx, schema) {
  if ('const' in schema.node) return [schema.node.const]
  if (Array.isArray(schema.node.enum)) return schema.node.enum
  // those so far
  if (Array.isArray(schema.node['x-extensible-enum'])) return schema.node['x-extensible-enum']
  const parts = [...branches(ctx, schema, 'oneOf'), ...branches(ctx, schema, 'anyOf')]
  const values = parts.map((part) => valuesOf(ctx, part))
  return parts.length && values.every(Boolean) ? values.flat() : undefined
}
