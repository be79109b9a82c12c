/**
 * errors.yaml is the one table of error codes: codes are unique, every error answer lists its own in `x-error-codes` with
 * the status that the table gives them, and the error body's `code` admits exactly the table's codes.
 *
 * @typedef {import('../document.js').Context} Context
 * @typedef {import('../document.js').Place} Place
 */
import { errorsOf } from '../catalogues.js'
import { child, mediaTypes, operations, responses, title } from '../document.js'
import { shapes, valuesOf } from '../schema-shape.js'

export const ErrorCodes = () => ({
  Root: {
    leave(/** @type {Record<string, any>} */ root, /** @type {Context} */ ctx) {
      const errors = errorsOf(root['x-error-codes'])
      const statuses = new Map(errors.map(({ code, status }) => [code, status]))
      for (const message of tableFaults(errors)) ctx.report({ message, location: ctx.location })
      /** @type {Set<string>} */
      const seen = new Set()
      for (const operation of operations(ctx, root)) {
        if (operation.kind !== 'path') continue
        for (const [status, answer] of responses(ctx, operation)) {
          if (!/^[45]/.test(status)) continue
          const key = `${status} ${answer.location.absolutePointer}`
          if (seen.has(key)) continue
          seen.add(key)
          for (const message of [
            ...codeFaults(answer.node['x-error-codes'], status, statuses),
            ...bodyFaults(ctx, answer, statuses),
          ])
            ctx.report({ message: `${title(operation)}: ${status} ${message}`, location: answer.location })
        }
      }
    },
  },
})

/** @param {{ code: string, status: number, description?: string }[]} errors */
function tableFaults(errors) {
  const codes = errors.map(({ code }) => code)
  return [
    ...codes.filter((code, index) => codes.indexOf(code) !== index).map((code) => `errors.yaml has \`${code}\` twice.`),
    ...codes
      .filter((code) => !/^[a-z]+(_[a-z0-9]+)*$/.test(code))
      .map((code) => `errors.yaml: \`${code}\` has to be snake_case.`),
    ...errors
      .filter(({ status }) => !(status >= 400 && status < 600))
      .map(({ code }) => `errors.yaml: \`${code}\` has no error status.`),
    ...errors
      .filter(({ description }) => !description)
      .map(({ code }) => `errors.yaml: \`${code}\` has no description.`),
  ]
}

/**
 * @param {unknown} codes
 * @param {string} status
 * @param {Map<string, number>} statuses
 */
function codeFaults(codes, status, statuses) {
  if (!Array.isArray(codes) || !codes.length) return ['has no `x-error-codes`.']
  return codes.flatMap((code) => {
    if (!statuses.has(code)) return [`lists \`${code}\`, which errors.yaml does not have.`]
    return String(statuses.get(code)) === status ? [] : [`lists \`${code}\`, whose status is ${statuses.get(code)}.`]
  })
}

/**
 * @param {Context} ctx
 * @param {Place} answer
 * @param {Map<string, number>} statuses
 */
function bodyFaults(ctx, answer, statuses) {
  return mediaTypes(ctx, answer).flatMap(([, media]) => {
    const schema = child(ctx, media, 'schema')
    const fields = schema ? shapes(ctx, schema).flatMap((shape) => shape.get('code') ?? []) : []
    return fields.flatMap((field) => {
      const values = valuesOf(ctx, field.place) ?? []
      const missing = [...statuses.keys()].filter((code) => !values.includes(code))
      const unknown = values.filter((value) => !statuses.has(String(value)))
      return [
        ...(missing.length ? [`has a \`code\` that does not admit ${missing.join(', ')} of errors.yaml.`] : []),
        ...(unknown.length
          ? [`has a \`code\` that admits ${unknown.join(', ')}, which errors.yaml does not have.`]
          : []),
      ]
    })
  })
}
