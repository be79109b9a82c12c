/** Reads what the generators work from: the document and its catalogues once, bundled, and the storage extensions. */
import { readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { bundle, createConfig } from '@redocly/openapi-core'
import { parse } from 'yaml'
import { checkErrors, checkEvents, type ErrorGroup, type EventGroup } from './catalogues.js'
import type { OpenApiDocument } from './document.js'
import { parseExtensions } from './prisma/extensions.js'
import type { Source } from './source.js'

/** @param root the top of the repository */
export async function load(root: string): Promise<Source> {
  const [document, errors, events, storage] = await Promise.all([
    loadDocument(join(root, 'openapi', 'tract.yaml')),
    readYaml<ErrorGroup[]>(join(root, 'openapi', 'errors.yaml')),
    readYaml<EventGroup[]>(join(root, 'openapi', 'events.yaml')),
    readYaml<unknown>(join(root, 'prisma', 'extensions.yaml')),
  ])
  const bundled = events.map((group) => ({ ...group, subtypes: group.subtypes.map(bundledMetadata) }))
  checkErrors(errors, document)
  checkEvents(bundled, document)
  return { document, errors, events: bundled, storage: parseExtensions(storage) }
}

async function loadDocument(path: string): Promise<OpenApiDocument> {
  const { bundle: bundled, problems } = await bundle({ ref: path, config: await createConfig({ extends: [] }) })
  const messages = new Set(problems.map(({ message }) => message))
  if (messages.size > 0) throw new Error([path, ...messages].join('\n  '))
  const {
    'x-error-codes': _,
    'x-event-catalogue': __,
    components = {},
    ...document
  } = bundled.parsed as OpenApiDocument
  const kinds = Object.entries(components).map(([kind, members = {}]) => [kind, sorted(members)])
  return { ...document, components: Object.fromEntries(kinds) } as OpenApiDocument
}

/** By name: the bundler's order follows the first reference to each, so that an unrelated change would shuffle what is generated. */
function sorted<T>(members: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The bundler leaves references inside extensions alone; a component has the last step of its file's reference as its name. */
function bundledMetadata(subtype: EventGroup['subtypes'][number]): EventGroup['subtypes'][number] {
  if (!subtype.metadata) return subtype
  const [file = '', pointer = ''] = subtype.metadata.$ref.split('#')
  const name = pointer.split('/').at(-1) || basename(file, extname(file))
  return { ...subtype, metadata: { $ref: `#/components/schemas/${name}` } }
}

async function readYaml<T>(path: string): Promise<T> {
  return parse(await readFile(path, 'utf8'), { merge: true }) as T
}
