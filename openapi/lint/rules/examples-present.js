/** Every body that is sent and every 2xx body that is answered is shown by at least one example; redocly validates them. */
import { child, mediaTypes, operations, placeOf, responses, title } from '../document.js'

export const ExamplesPresent = () => ({
  Root: {
    leave(/** @type {Record<string, any>} */ root, /** @type {import('../document.js').Context} */ ctx) {
      for (const operation of operations(ctx, root)) {
        const body = child(ctx, placeOf(operation), 'requestBody')
        const answers = responses(ctx, operation).filter(([status]) => status.startsWith('2'))
        const bodies = [...(body ? [/** @type {const} */ (['request', body])] : []), ...answers]
        for (const [name, holder] of bodies)
          for (const [type, media] of mediaTypes(ctx, holder))
            if (!hasExample(media.node))
              ctx.report({
                message: `${title(operation)}: the ${name} body (${type}) has no example.`,
                location: media.location,
              })
      }
    },
  },
})

/** @param {Record<string, any>} media */
const hasExample = (media) => media.example !== undefined || Object.keys(media.examples ?? {}).length > 0
