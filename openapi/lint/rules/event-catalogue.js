/**
 * events.yaml and the webhooks say the same: every event of the catalogue reaches listeners by the hook `type.subtype`
 * (what a listener sends is passed on), every hook is in the catalogue, and both agree on what is an extension.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { eventsOf, readCatalogue } from '../catalogues.js'
import { child, children, mediaTypes, operations, placeOf, title } from '../document.js'
import { isMarked } from '../schema-shape.js'

const SENDERS = ['tract', 'iva', 'sac', 'ect', 'md']

/** @param {{ catalogue?: any }} options `catalogue` stands in for events.yaml in the tests */
export const EventCatalogue = ({ catalogue }) => ({
  Root: {
    leave(/** @type {Record<string, any>} */ root, /** @type {import('../document.js').Context} */ ctx) {
      const file = catalogue ? { content: catalogue, path: '' } : readCatalogue(ctx, 'events.yaml')
      if (!file) return ctx.report({ message: 'There is no events.yaml beside the document.', location: ctx.location })
      const report = (/** @type {string} */ message, location = ctx.location) => ctx.report({ message, location })
      const events = eventsOf(file.content)
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
        if (event.metadata && file.path && !leadsSomewhere(file.path, event.metadata.$ref))
          report(`events.yaml: the metadata of ${event.name} refers to ${event.metadata.$ref}, which does not exist.`)
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
 * @param {string} from
 * @param {string} ref a file beside `from` and one of its top-level keys
 */
function leadsSomewhere(from, ref) {
  const [file = '', pointer = ''] = ref.split('#/')
  const path = join(dirname(from), file)
  return existsSync(path) && pointer in parse(readFileSync(path, 'utf8'))
}

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
