/**
 * What generators of other languages can give a type: a value is of one JSON type, or of that and `null`; what may be of several
 * is an `anyOf` of schemas of one type each.
 *
 * @typedef {import('../document.js').Context} Context
 */
import { typesOf } from '../schema-shape.js'

export const OneType = () => ({
  Schema(/** @type {Record<string, any>} */ schema, /** @type {Context} */ ctx) {
    if (schema.type === undefined && !Array.isArray(schema.enum)) return
    const place = { node: schema, location: ctx.location, references: [] }
    const listed = Array.isArray(schema.enum) ? typesOf(ctx, { ...place, node: { enum: schema.enum } }) : []
    const types = new Set([...[schema.type ?? []].flat(), ...listed].filter((type) => type !== 'null'))
    // a whole number is a number as well
    if (types.has('number')) types.delete('integer')
    if (types.size > 1)
      ctx.report({
        message: `A value of ${[...types].join(' or ')} is an \`anyOf\` of schemas of one type each.`,
        location: ctx.location,
      })
  },
})
