/**
 * events.yaml and the webhooks say the same: every event of the catalogue reaches listeners by the hook `type.subtype`
 * (what a listener sends is passed on), every hook is in the catalogue, and both agree on what is an extension.
 */
import { eventsOf } from '../catalogues.js'
import { child, children, mediaTypes, operations, placeOf, title } from '../document.js'
import { isMarked } from '../schema-shape.js'

const SENDERS = ['tract', 'iva', 'sac', 'ect', 'md']

export const EventCatalogue = () => ({
  Root: {
    leave(/** @type {Record<string, any>} */ root, /** @type {import('../document.js').Context} */ ctx) {
      const report = (/** @type {string} */ message, location = ctx.location) => ctx.report({ message, location })
      const events = eventsOf(root['x-event-catalogue'])
      const hooks = operations(ctx, root).filter(({ kind }) => kind === 'webhook')
      for (const event of events) {
        const hook = hooks.find(({ name }) => name === event.name)
        if (!hook) report(`events.yaml has ${event.name}, which is no webhook.`)
        else if (isMarked(placeOf(hook)) !== event.extension)
          report(
            `${title(hook)}: events.yaml says that it is ${event.extension ? 'an' : 'no'} extension.`,
            hook.location,
          )
        const strangers = event.senders.filter((sender) => !SENDERS.includes(sender))
        if (!event.senders.length || strangers.length)
          report(`events.yaml: ${event.name} needs senders out of ${SENDERS.join(', ')}.`)
      }
      const names = events.map(({ name }) => name)
      for (const name of names.filter((one, index) => names.indexOf(one) !== index))
        report(`events.yaml has ${name} twice.`)
      for (const hook of hooks) {
        if (!names.includes(hook.name)) report(`${title(hook)}: events.yaml does not have it.`, hook.location)
        const [type, subtype] = hook.name.split('.')
        for (const [value, location] of requestExamples(ctx, hook))
          if (
            (value?.type !== undefined && value.type !== type) ||
            (value?.subtype !== undefined && value.subtype !== subtype)
          )
            report(`${title(hook)}: an example is of ${value.type}.${value.subtype}.`, location)
      }
    },
  },
})

/**
 * @param {import('../document.js').Context} ctx
 * @param {import('../document.js').Operation} hook
 * @returns {[any, import('../document.js').Location][]}
 */
function requestExamples(ctx, hook) {
  return mediaTypes(ctx, child(ctx, placeOf(hook), 'requestBody')).flatMap(([, media]) => {
    const one = child(ctx, media, 'example')
    const several = child(ctx, media, 'examples')
    return [
      ...(one ? [/** @type {[any, any]} */ ([one.node, one.location])] : []),
      ...(several ? children(ctx, several) : []).map(
        ([, { node, location }]) => /** @type {[any, any]} */ ([node.value, location]),
      ),
    ]
  })
}
