/** The catalogues beside the root document: errors.yaml and events.yaml. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'

/**
 * @param {import('./document.js').Context} ctx a context whose location is the root
 * @param {string} file
 * @returns {{ content: any, path: string } | undefined}
 */
export function readCatalogue(ctx, file) {
  const path = join(dirname(ctx.location.source.absoluteRef), file)
  return existsSync(path) ? { content: parse(readFileSync(path, 'utf8')), path } : undefined
}

/**
 * @param {any} groups the content of errors.yaml
 * @returns {{ code: string, status: number, description?: string }[]}
 */
export const errorsOf = (groups) => groups.flatMap((/** @type {any} */ group) => group.errors)

/**
 * @param {any} types the content of events.yaml
 * @returns {{ name: string, extension: boolean, senders: string[], metadata?: { $ref: string } }[]}
 */
export const eventsOf = (types) =>
  types.flatMap((/** @type {any} */ { type, subtypes }) =>
    subtypes.map((/** @type {any} */ event) => ({
      ...event,
      name: `${type}.${event.subtype}`,
      extension: event.extension === true,
    })),
  )
