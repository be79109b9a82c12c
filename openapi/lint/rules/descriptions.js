/** Every property of every schema says what it is: on itself or on the schema that it refers to. */
import { child, children } from '../document.js'

/** @typedef {import('../document.js').Context} Context */

export const Descriptions = () => ({
  Schema(/** @type {Record<string, any>} */ schema, /** @type {Context} */ ctx) {
    const properties = child(ctx, { node: schema, location: ctx.location, references: [] }, 'properties')
    for (const [name, place] of properties ? children(ctx, properties) : [])
      if (![place.node, ...place.references].some((node) => isText(node.description)))
        ctx.report({
          message: `Property \`${name}\` has no description.`,
          location: ctx.location.child(['properties', name]),
        })
  },
})

/** @param {unknown} value */
const isText = (value) => typeof value === 'string' && value.trim() !== ''
