/** What every operation has besides what redocly's own rules ask for: a camelCase name, exactly one tag, an audience. */
import { operations, title } from '../document.js'

const CAMEL_CASE = /^[a-z][a-z0-9]*([A-Z][a-z0-9]*)*$/
const AUDIENCES = ['vendor', 'platform']

export const OperationShape = () => ({
  Root: {
    leave(/** @type {Record<string, any>} */ root, /** @type {import('../document.js').Context} */ ctx) {
      for (const operation of operations(ctx, root)) {
        const { operationId, tags, 'x-audience': audience } = operation.node
        const report = (/** @type {string} */ message, /** @type {string} */ key) =>
          ctx.report({
            message: `${title(operation)}: ${message}`,
            location: key in operation.node ? operation.location.child([key]) : operation.location,
          })
        if (typeof operationId === 'string' && !CAMEL_CASE.test(operationId))
          report(`operationId \`${operationId}\` has to be camelCase.`, 'operationId')
        if (!Array.isArray(tags) || tags.length !== 1) report('it has to have exactly one tag.', 'tags')
        if (!isAudience(audience))
          report(`\`x-audience\` has to list ${AUDIENCES.join(', ')} or both, each once.`, 'x-audience')
      }
    },
  },
})

/** @param {unknown} list */
const isAudience = (list) =>
  Array.isArray(list) &&
  list.length > 0 &&
  new Set(list).size === list.length &&
  list.every((one) => AUDIENCES.includes(one))
