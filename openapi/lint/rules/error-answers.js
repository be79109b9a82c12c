/**
 * Every error that an operation of `paths` documents has the one error body, and `x-idempotent: true` goes with the
 * `Idempotency-Key` parameter. That it documents those which follow from its token, its body and its key, redocly.yaml says.
 *
 * @typedef {import('../document.js').Context} Context
 */
import { child, isJson, mediaTypes, operations, responses, title } from '../document.js'
import { shapes, typesOf } from '../schema-shape.js'

export const ErrorAnswers = () => ({
  Root: {
    leave(/** @type {Record<string, any>} */ root, /** @type {Context} */ ctx) {
      for (const operation of operations(ctx, root)) {
        if (operation.kind !== 'path') continue
        const hasKey = operation.parameters.some(({ node }) => node.in === 'header' && node.name === 'Idempotency-Key')
        if ((operation.node['x-idempotent'] === true) !== hasKey)
          ctx.report({
            message: `${title(operation)}: \`x-idempotent: true\` and the \`Idempotency-Key\` parameter have to go together.`,
            location: operation.location,
          })
        for (const [status, answer] of responses(ctx, operation))
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
