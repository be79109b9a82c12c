/** `x-entity`, from which the data model is generated, fits x-entity.schema.yaml and contradicts neither itself nor its schema. */
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { child, children } from '../document.js'
import { typesOf } from '../schema-shape.js'

/** @typedef {import('../document.js').Context} Context */

const SCHEMA = parse(readFileSync(new URL('../../x-entity.schema.yaml', import.meta.url), 'utf8'))
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true }).addSchema(SCHEMA, 'x-entity')
const forms = {
  schema: ajv.compile({ $ref: 'x-entity#/$defs/entity' }),
  property: ajv.compile({ $ref: 'x-entity#/$defs/property' }),
}

export const XEntity = () => {
  /** @type {Map<string, string>} */
  const taken = new Map()
  return {
    Schema(/** @type {Record<string, any>} */ schema, /** @type {Context} */ ctx) {
      const { location } = ctx
      const properties = child(ctx, { node: schema, location, references: [] }, 'properties')
      const fields = properties ? children(ctx, properties) : []
      const entity = schema['x-entity']
      // A shared schema, such as a type of id, may say how the fields that refer to it are stored.
      if (entity !== undefined) validate(ctx, 'properties' in schema ? 'schema' : 'property', entity, location)
      for (const [name, { references, node }] of fields) {
        const own = (references[0] ?? node)['x-entity']
        if (own !== undefined) validate(ctx, 'property', own, location.child(['properties', name]))
      }
      if (!entity?.model) return
      const report = (/** @type {string} */ message) => ctx.report({ message, location: location.child(['x-entity']) })
      if (typesOf(ctx, { node: schema, location, references: [] }).join() !== 'object')
        report('Only an object is an entity.')
      for (const [kind, name] of [
        ['model', entity.model],
        ['table', entity.table],
      ]) {
        const other = taken.get(`${kind} ${name}`)
        if (other && other !== location.absolutePointer) report(`Another schema has the ${kind} ${name} too.`)
        taken.set(`${kind} ${name}`, location.absolutePointer)
      }
      const names = fields.map(([name]) => name)
      for (const name of [entity.omit ?? []].flat())
        if (!names.includes(name)) report(`\`omit\` names \`${name}\`, which is no property.`)
      for (const column of new Set([entity.key, entity.indexes, entity.unique].flat(2)))
        if ((entity.omit ?? []).includes(column))
          report(`\`${column}\` is omitted, so it cannot be in a key or an index.`)
    },
  }
}

/**
 * @param {Context} ctx
 * @param {'schema' | 'property'} form
 * @param {unknown} value
 * @param {import('../document.js').Location} location
 */
function validate(ctx, form, value, location) {
  const check = forms[form]
  if (check(value)) return
  const faults = (check.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `${instancePath || 'it'} ${message}${params.additionalProperty ? ` (${params.additionalProperty})` : ''}`,
  )
  ctx.report({ message: `\`x-entity\` of a ${form}: ${faults.join('; ')}.`, location: location.child(['x-entity']) })
}
