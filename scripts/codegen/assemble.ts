/**
 * Puts the contract together as one document, of what a hand wrote in openapi/:
 *
 * 1. tract.yaml and the files that it refers to, which are valid OpenAPI 3.1 by themselves;
 * 2. a hook for every row of events.yaml that has none of its own in webhooks/;
 * 3. usual.overlay.yaml, an OpenAPI Overlay: what every operation, answer or hook of a kind has.
 *
 * In the result every `$ref` points inside it, and an example stands where it is used.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BaseResolver, bundle, createConfig } from '@redocly/openapi-core'
import { parse } from 'yaml'
import type { ErrorGroup, EventGroup } from './catalogues.js'
import type { OpenApiDocument } from './document.js'
import { catalogueOf, eventHooks } from './event-hooks.js'

const EXAMPLES = '#/components/examples/'

export interface Contract extends OpenApiDocument {
  /** errors.yaml */
  'x-error-codes': ErrorGroup[]
  /** events.yaml; a `metadata` is a reference into the document's component schemas. */
  'x-event-catalogue': EventGroup[]
}

/** @param folder openapi/ */
export async function assemble(folder: string): Promise<Contract> {
  const path = join(folder, 'tract.yaml')
  const [errors, events, { ReceivedEvent }] = await Promise.all(
    ['errors.yaml', 'events.yaml', 'examples/events.yaml'].map((name) => readYaml(join(folder, name))),
  )
  const config = await createConfig({ extends: [] })
  const externalRefResolver = new BaseResolver(config.resolve)
  const doc = await externalRefResolver.resolveDocument(null, path, true)
  if (doc instanceof Error) throw doc
  const root = doc.parsed as OpenApiDocument
  root.webhooks = eventHooks(events, ReceivedEvent.value, root.webhooks)
  const overlays = [join(folder, 'usual.overlay.yaml')]
  const { problems } = await bundle({ doc, config, externalRefResolver, overlays })
  const faults = problems.map(
    ({ message, location: [at] }) => `${message} (${at?.source.absoluteRef}${at?.pointer ?? ''})`,
  )
  if (faults.length > 0) throw new Error(['the contract:', ...faults.slice(0, 10)].join('\n  '))
  const { examples = {}, ...components } = root.components ?? {}
  const document = tidied({ ...root, components }, examples) as OpenApiDocument
  return { ...document, 'x-error-codes': errors, 'x-event-catalogue': catalogueOf(events) }
}

async function readYaml(path: string) {
  return parse(await readFile(path, 'utf8'))
}

/** Fields in the order in which a person reads them: the overlay adds its own at the end. */
const FIELDS = [
  ...['operationId', 'tags', 'summary', 'required', 'description', 'x-audience', 'x-tract-extension', 'x-idempotent'],
  ...['x-alias-of', 'security', 'parameters', 'requestBody', 'responses', 'x-error-codes', 'headers', 'content'],
  ...['schema', 'example', 'examples'],
]
/** What an operation, a body or an answer, and a media type have. */
const ORDERED = ['operationId', 'content', 'schema']
const place = (field: string) => FIELDS.indexOf(field)

/** With the fields of these in order, and every example where it is used. */
function tidied(node: unknown, examples: Record<string, unknown>): unknown {
  if (node === null || typeof node !== 'object') return node
  if (Array.isArray(node)) return node.map((item) => tidied(item, examples))
  if ('$ref' in node && String(node.$ref).startsWith(EXAMPLES))
    return examples[String(node.$ref).slice(EXAMPLES.length)]
  const entries = Object.entries(node)
  // A paragraph of an operation ends as a block of YAML does.
  if ('operationId' in node)
    for (const entry of entries) if (entry[0] === 'description') entry[1] = `${String(entry[1]).trimEnd()}\n`
  if (ORDERED.some((field) => field in node) && entries.every(([key]) => FIELDS.includes(key)))
    entries.sort(([a], [b]) => place(a) - place(b))
  return Object.fromEntries(entries.map(([key, value]) => [key, key === 'example' ? value : tidied(value, examples)]))
}
