/**
 * Every operation of `paths` documents the error statuses that it can answer, each with the one error body, and
 * `x-idempotent: true` goes with the `Idempotency-Key` parameter. Which status goes with what is set in redocly.yaml.
 *
 * @typedef {import('../document.js').Context} Context
 * @typedef {import('../document.js').Operation} Operation
 * @typedef {{ always?: number[], secured?: number[], body?: number[], idempotent?: number[] }} Statuses
 */
import { child, isJson, isSecured, mediaTypes, operations, responses, title } from '../document.js'
import { shapes, typesOf } from '../schema-shape.js'

/** @param {{ statuses?: Statuses }} options */
export const ErrorAnswers = ({ statuses = {} }) => ({
  Root: {
    leave(/** @type {Record<string, any>} */ root, /** @type {Context} */ ctx) {
      for (const operation of operations(ctx, root)) {
        if (operation.kind !== 'path') continue
        const idempotent = operation.node['x-idempotent'] === true
        const hasKey = operation.parameters.some(({ node }) => node.in === 'header' && node.name === 'Idempotency-Key')
        if (idempotent !== hasKey)
          report(ctx, operation, '`x-idempotent: true` and the `Idempotency-Key` parameter have to go together.')
        const wanted = [
          ...(statuses.always ?? []),
          ...(isSecured(operation, root) ? (statuses.secured ?? []) : []),
          ...(operation.node.requestBody ? (statuses.body ?? []) : []),
          ...(idempotent ? (statuses.idempotent ?? []) : []),
        ].map(String)
        const answers = responses(ctx, operation)
        const missing = wanted.filter((status) => !answers.some(([documented]) => documented === status))
        if (missing.length) report(ctx, operation, `it does not document ${missing.join(', ')}.`)
        for (const [status, answer] of answers)
          if (/^[45]/.test(status) && !hasErrorBody(ctx, answer))
            ctx.report({
              message: `${title(operation)}: ${status} does not have the error body.`,
              location: answer.location,
            })
      }
    },
  },
})

/**
 * @param {Context} ctx
 * @param {Operation} operation
 * @param {string} message
 */
const report = (ctx, operation, message) =>
  ctx.report({ message: `${title(operation)}: ${message}`, location: operation.location })

/**
 * `error: str` is the source's convention, and RFC 6749's: the one field that every error body has.
 * @param {Context} ctx
 * @param {import('../document.js').Place} answer
 */
function hasErrorBody(ctx, answer) {
  const types = mediaTypes(ctx, answer)
  return (
    types.length > 0 &&
    types.every(([type, media]) => {
      const schema = child(ctx, media, 'schema')
      return (
        isJson(type) &&
        schema &&
        shapes(ctx, schema).every((shape) => {
          const field = shape.get('error')
          return field?.required && typesOf(ctx, field.place).join() === 'string'
        })
      )
    })
  )
}
