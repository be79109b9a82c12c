/**
 * An unknown field of a JSON request is an error: the body is closed by `additionalProperties: false` (by
 * `unevaluatedProperties: false` where it is composed), and every object within it says whether it is open.
 * Form-encoded bodies are OAuth's, which ignores what it does not know (RFC 6749 §3.2).
 *
 * @typedef {import('../document.js').Context} Context
 * @typedef {import('../document.js').Place} Place
 */
import { child, children, isJson, mediaTypes, operations, placeOf } from '../document.js'
import { branches } from '../schema-shape.js'

export const StrictBodies = () => ({
  Root: {
    leave(/** @type {Record<string, any>} */ root, /** @type {Context} */ ctx) {
      /** @type {Set<string>} */
      const seen = new Set()
      for (const operation of operations(ctx, root)) {
        if (operation.kind !== 'path') continue
        for (const [type, media] of mediaTypes(ctx, child(ctx, placeOf(operation), 'requestBody'))) {
          const schema = isJson(type) ? child(ctx, media, 'schema') : undefined
          if (!schema) continue
          for (const place of open(ctx, schema))
            ctx.report({
              message: 'A request body has to be closed: `additionalProperties: false`.',
              location: place.location,
            })
          inner(ctx, schema, seen)
        }
      }
    },
  },
})

/**
 * @param {Context} ctx
 * @param {Place} schema
 * @returns {Place[]} the parts through which unknown fields would pass
 */
function open(ctx, schema) {
  const { node } = schema
  if (node.unevaluatedProperties === false || node.additionalProperties === false) return []
  const alternatives = [...branches(ctx, schema, 'oneOf'), ...branches(ctx, schema, 'anyOf')]
  if (alternatives.length && !node.properties) return alternatives.flatMap((part) => open(ctx, part))
  return [schema]
}

/**
 * @param {Context} ctx
 * @param {Place} schema
 * @param {Set<string>} seen
 */
function inner(ctx, schema, seen) {
  if (seen.has(schema.location.absolutePointer)) return
  seen.add(schema.location.absolutePointer)
  const { node } = schema
  const properties = child(ctx, schema, 'properties')
  if (properties && node.additionalProperties === undefined && node.unevaluatedProperties === undefined)
    ctx.report({
      message: 'An object in a request has to say whether it is open: `additionalProperties`.',
      location: schema.location,
    })
  for (const keyword of ['allOf', 'oneOf', 'anyOf', 'prefixItems'])
    for (const part of branches(ctx, schema, keyword)) inner(ctx, part, seen)
  for (const keyword of ['items', 'additionalProperties']) {
    const part = child(ctx, schema, keyword)
    if (part) inner(ctx, part, seen)
  }
  for (const [, place] of properties ? children(ctx, properties) : []) inner(ctx, place, seen)
}
