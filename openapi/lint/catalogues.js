/** The catalogues as the whole contract has them: `x-error-codes` of errors.yaml, `x-event-catalogue` of events.yaml. */

/**
 * @param {any} groups the content of errors.yaml
 * @returns {{ code: string, status: number, description?: string }[]}
 */
export const errorsOf = (groups) => groups.flatMap((/** @type {any} */ group) => group.errors)

/**
 * @param {any} types the content of events.yaml
 * @returns {{ name: string, extension: boolean, senders: string[] }[]}
 */
export const eventsOf = (types) =>
  types.flatMap((/** @type {any} */ { type, subtypes }) =>
    subtypes.map((/** @type {any} */ event) => ({
      ...event,
      name: `${type}.${event.subtype}`,
      extension: event.extension === true,
    })),
  )
