/**
 * The server's own checks as rules of the published schemas, so that a caller's validator agrees:
 * text that cannot be stored (`x-text`), and names of no hook or event (`x-names`).
 *
 * The server's validators have neither rule: the server checks every string when it reads a body,
 * and answers an unknown name with an error code of its own (`x-refused-with`).
 */
import type { Components, OpenApiDocument, Operation, Parameter, PathItem, Reference } from './document.js'
import { DATA, NAMES, resolve } from './document.js'
import { methodsOf } from './operations.js'
import type { Schema, SchemaObject } from './schema/keywords.js'

type Json = Record<string, unknown>

/** What callers send: bodies, and parameters with text. A header cannot hold text of that kind. */
export function requestsOf(document: OpenApiDocument, paths: Record<string, PathItem>): unknown[] {
  return Object.values(paths).flatMap((item) =>
    methodsOf(item).flatMap(([, { requestBody, parameters = [] }]) => [
      requestBody,
      ...parameters.filter((parameter) => isText(document, parameter)),
    ]),
  )
}

/** @param requested the components that requests lead to, as `kind/name` */
export function withServerChecks(
  document: OpenApiDocument,
  { paths, components }: { paths: Record<string, PathItem>; components: Components },
  requested: ReadonlySet<string>,
): { paths: Record<string, PathItem>; components: Components } {
  const checked = checker(document)
  const operation = ({ requestBody, parameters, ...rest }: Operation): Operation => ({
    ...rest,
    ...(parameters && {
      parameters: parameters.map((parameter) =>
        isText(document, parameter) ? (checked(parameter) as typeof parameter) : parameter,
      ),
    }),
    ...(requestBody && { requestBody: checked(requestBody) as typeof requestBody }),
  })
  const items = Object.entries(paths).map(([path, item]) => {
    const methods = methodsOf(item).map(([method, given]) => [method, operation(given)])
    return [path, { ...item, ...Object.fromEntries(methods) }] as const
  })
  const kinds = Object.entries(components).map(([kind, members = {}]) => {
    const entries = Object.entries(members).map(([name, member]) => [
      name,
      requested.has(`${kind}/${name}`) ? checked(member) : member,
    ])
    return [kind, Object.fromEntries(entries)] as const
  })
  return { paths: Object.fromEntries(items), components: Object.fromEntries(kinds) }
}

function isText(document: OpenApiDocument, parameter: Parameter | Reference): boolean {
  return ['query', 'path'].includes(resolve<Parameter>(document, parameter).in)
}

/** Formats whose text holds nothing that could not be stored. */
const FORMATS = new Set(['uuid', 'date-time', 'uri'])

function checker(document: OpenApiDocument): (node: unknown) => unknown {
  const text = document['x-text'] as string | undefined
  const names = catalogueOf(document)
  const checked = (node: unknown, isNames = false): unknown => {
    if (node === null || typeof node !== 'object') return node
    if (Array.isArray(node)) return node.map((item) => checked(item))
    const copy: Json = {}
    for (const [key, value] of Object.entries(node))
      copy[key] = !isNames && DATA.has(key) ? value : checked(value, !isNames && NAMES.has(key))
    if (isNames) return copy
    if (text && isOpenText(copy)) copy.pattern = text
    return 'x-names' in copy ? { ...copy, ...pairs(copy, names) } : copy
  }
  return (node) => checked(node)
}

function isOpenText({ type, pattern, enum: values, const: value, format }: SchemaObject): boolean {
  if (![type].flat().includes('string')) return false
  return pattern === undefined && values === undefined && value === undefined && !FORMATS.has(format ?? '')
}

/** The second names that go with each first one. */
function catalogueOf({ webhooks = {} }: OpenApiDocument): Map<string, string[]> {
  const names = new Map<string, string[]>()
  for (const [first = '', second = ''] of Object.keys(webhooks).map((name) => name.split('.')))
    names.set(first, [...(names.get(first) ?? []), second])
  return names
}

/** As a chain of conditions: generators ignore it, but make a class of each alternative. */
function pairs(schema: SchemaObject, names: ReadonlyMap<string, readonly string[]>): SchemaObject {
  const [first = '', second = ''] = schema['x-names'] as string[]
  const also = (schema['x-also'] ?? {}) as Record<string, string>
  const further = (schema['x-then'] ?? {}) as Record<string, SchemaObject>
  const spelt = [...names].map(
    ([name, seconds]) => [name, seconds.flatMap((each) => [each, also[each] ?? []].flat())] as const,
  )
  same(schema.properties?.[first], [...names.keys()], first)
  same(
    schema.properties?.[second],
    spelt.flatMap(([, seconds]) => seconds),
    second,
  )
  return spelt.reduceRight<SchemaObject>(
    (rest, [name, seconds]) => ({
      if: { properties: { [first]: { const: name } } },
      // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
      then: { ...further[name], properties: { ...further[name]?.properties, [second]: { enum: seconds } } },
      ...(Object.keys(rest).length > 0 && { else: rest }),
    }),
    {},
  )
}

/** The enumeration is written by hand, as types and readers need it. */
function same(schema: Schema | undefined, names: readonly string[], field: string): void {
  const listed = typeof schema === 'object' ? (schema.enum ?? []) : []
  const differing = new Set(
    [...names, ...listed].filter((name) => !names.includes(String(name)) || !listed.includes(name)),
  )
  if (differing.size > 0)
    throw new Error(`\`${field}\` does not list what the webhooks are called: ${[...differing].join(', ')}`)
}
