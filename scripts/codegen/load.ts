/** Reads the input of the generators: the contract, its catalogues and the storage extensions. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { assemble } from './assemble.js'
import { checkErrors, checkEvents } from './catalogues.js'
import type { OpenApiDocument } from './document.js'
import { parseExtensions } from './prisma/extensions.js'
import type { Source } from './source.js'

/** @param root the top of the repository */
export async function load(root: string): Promise<Source> {
  const [contract, storage] = await Promise.all([
    assemble(join(root, 'openapi')),
    readFile(join(root, 'prisma', 'extensions.yaml'), 'utf8'),
  ])
  const { 'x-error-codes': errors, 'x-event-catalogue': events, components = {}, ...rest } = contract
  const kinds = Object.entries(components).map(([kind, members = {}]) => [kind, sorted(members)])
  const document = { ...rest, components: Object.fromEntries(kinds) } as OpenApiDocument
  checkErrors(errors, document)
  checkEvents(events, document)
  return { document, errors, events, storage: parseExtensions(parse(storage)) }
}

/** By name: the bundler's order, by first use, would shuffle files after an unrelated change. */
function sorted<T>(members: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)))
}
