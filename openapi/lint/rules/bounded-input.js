/**
 * Everything that a caller sends is bounded: strings by `maxLength`, an enumeration, or a format of fixed length; arrays by
 * `maxItems`. A file (`binary`) is bounded as it streams: `maxLength` counts characters, of which it has none. The limits of the contract, by field, are set in redocly.yaml.
 *
 * @typedef {import('../document.js').Context} Context
 * @typedef {import('../document.js').Place} Place
 */
import { child, children, mediaTypes, operations, placeOf } from '../document.js'
import { branches, typesOf, valuesOf } from '../schema-shape.js'

const BOUNDED = ['uuid', 'date-time', 'date', 'ipv4', 'ipv6', 'binary']

/**
 * @param {{ limits?: Record<string, number>, wholes?: string[] }} options the greatest `maxLength` or `maxItems` of a field, by its name, and
 * schemas whose values are bounded as they are serialised, and their parts with that
 */
export const BoundedInput = ({ limits = {}, wholes = [] }) => ({
  Root: {
    leave(/** @type {Record<string, any>} */ root, /** @type {Context} */ ctx) {
      /** @type {Set<string>} */
      const seen = new Set()
      for (const operation of operations(ctx, root)) {
        if (operation.kind !== 'path') continue
        const body = child(ctx, placeOf(operation), 'requestBody')
        for (const holder of [...operation.parameters, ...mediaTypes(ctx, body).map(([, media]) => media)]) {
          const schema = child(ctx, holder, 'schema')
          if (schema) visit(ctx, schema, holder.node.name ?? 'the body', { limits, wholes }, seen)
        }
      }
    },
  },
})

/**
 * @param {Context} ctx
 * @param {Place} schema
 * @param {string} name
 * @param {{ limits: Record<string, number>, wholes: string[] }} options
 * @param {Set<string>} seen
 */
function visit(ctx, schema, name, options, seen) {
  const { limits, wholes } = options
  if (wholes.some((whole) => schema.location.absolutePointer.endsWith(`/${whole}`))) return
  const key = `${name} ${schema.location.absolutePointer}`
  if (seen.has(key)) return
  seen.add(key)
  const fault = faultOf(ctx, schema, limits[name])
  if (fault) ctx.report({ message: `Input \`${name}\` ${fault}`, location: schema.location })
  for (const keyword of ['allOf', 'oneOf', 'anyOf', 'prefixItems'])
    for (const part of branches(ctx, schema, keyword)) visit(ctx, part, name, options, seen)
  for (const keyword of ['items', 'additionalProperties']) {
    const part = child(ctx, schema, keyword)
    if (part) visit(ctx, part, `${name}[]`, options, seen)
  }
  for (const keyword of ['properties', 'patternProperties']) {
    const fields = child(ctx, schema, keyword)
    for (const [field, place] of fields ? children(ctx, fields) : []) visit(ctx, place, field, options, seen)
  }
}

/**
 * @param {Context} ctx
 * @param {Place} schema
 * @param {number | undefined} limit
 */
function faultOf(ctx, schema, limit) {
  const { node } = schema
  // A composition is bounded by its parts, which are visited in their turn.
  if (node.type === undefined || valuesOf(ctx, schema)) return undefined
  const types = typesOf(ctx, schema)
  const bound = types.includes('array') ? node.maxItems : node.maxLength
  if (types.includes('array') && bound === undefined) return 'has no `maxItems`.'
  if (types.includes('string') && bound === undefined && !BOUNDED.includes(node.format)) return 'has no `maxLength`.'
  if (limit !== undefined && bound > limit) return `may be ${bound} long; the contract's limit is ${limit}.`
  return undefined
}
