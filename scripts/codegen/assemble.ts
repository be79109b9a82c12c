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
import { catalogueOf, eventHooks, listsOf } from './event-hooks.js'

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
  const document = tidied({ ...root, components }, { examples, lists: listsOf(events, errors) }) as OpenApiDocument
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

/** What stands for a list of the catalogues, and the field that gets it. */
const LISTED: Record<string, string> = {
  'x-enum-of': 'enum',
  'x-extensible-enum-of': 'x-extensible-enum',
  'x-also-of': 'x-also',
}

interface Parts {
  examples: Record<string, unknown>
  lists: Record<string, unknown>
}

/** With fields in order, every example where it is used, and every list of the catalogues where it is named. */
function tidied(node: unknown, parts: Parts): unknown {
  if (node === null || typeof node !== 'object') return node
  if (Array.isArray(node)) return node.map((item) => tidied(item, parts))
  if ('$ref' in node && String(node.$ref).startsWith(EXAMPLES))
    return parts.examples[String(node.$ref).slice(EXAMPLES.length)]
  const entries = Object.entries(node).map(([key, value]): [string, unknown] => {
    const listed = LISTED[key]
    if (listed) return [listed, listOf(parts.lists, value)]
    // A paragraph of an operation ends as a block of YAML does.
    if (key === 'description' && 'operationId' in node) return [key, `${value.trimEnd()}\n`]
    return [key, key === 'example' ? value : tidied(value, parts)]
  })
  if (ORDERED.some((field) => field in node) && entries.every(([key]) => FIELDS.includes(key)))
    entries.sort(([a], [b]) => place(a) - place(b))
  return Object.fromEntries(entries)
}

function listOf(lists: Parts['lists'], name: string): unknown {
  if (!(name in lists)) throw new Error(`there is no list ${name}; known are ${Object.keys(lists).join(', ')}`)
  return lists[name]
}
