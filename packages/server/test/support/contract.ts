/**
 * Holds answers as they came over the wire against the published documents: by AJV over the documents' own schemas, with no code of ours
 * that was generated from them in between. A field that no schema names counts as wrong, too.
 */
import type { Answer } from '@tract/testing/call'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { publishedDocument } from '../../src/api/documents/published.js'

// biome-ignore lint/suspicious/noExplicitAny: a document is JSON of every shape
type Json = any

export interface DocumentedOperation {
  operationId: string
  method: string
  /** What stands in it in braces is that of the examples. */
  path: string
  /** As the document has it. */
  template: string
  scopes: string[]
  /** The media type of its body; undefined without one. */
  mediaType: string | undefined
  /** The first example of its body. */
  example: Record<string, unknown> | undefined
  takesIdempotencyKey: boolean
  statuses: number[]
}

/** Documented, and there only in some answers of their status. */
const OCCASIONAL_HEADERS = new Set(['idempotency-replayed'])

export class PublishedContract {
  readonly operations = new Map<string, DocumentedOperation>()
  readonly #document: Json
  readonly #ajv: Ajv2020
  readonly #headersAjv: Ajv2020
  readonly #validators = new Map<string, ValidateFunction>()

  constructor(audience: 'vendor' | 'platform') {
    this.#document = JSON.parse(publishedDocument(audience))
    this.#ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true, ownProperties: true }))
    this.#ajv.addSchema(this.#document, 'published')
    this.#ajv.addSchema(closed(structuredClone(this.#document)), 'closed')
    this.#headersAjv = new Ajv2020({ strict: false, coerceTypes: true })
    for (const [path, item] of Object.entries<Json>(this.#document.paths))
      for (const method of ['get', 'post', 'put', 'patch', 'delete'])
        if (item[method]) this.#add(path, method, item[method])
  }

  #add(path: string, method: string, operation: Json): void {
    const { operationId, security = [], parameters = [], requestBody, responses } = operation
    const [mediaType, content] = Object.entries<Json>(requestBody?.content ?? {})[0] ?? []
    const inPath = parameters
      .map((given: Json) => this.#resolved(given)[0])
      .filter((given: Json) => given.in === 'path')
    this.operations.set(operationId, {
      operationId,
      method: method.toUpperCase(),
      path: inPath.reduce((whole: string, { name, example }: Json) => whole.replace(`{${name}}`, example), path),
      template: path,
      scopes: security.flatMap((requirement: Json) => Object.values(requirement).flat()),
      mediaType,
      example: content && Object.values<Json>(content.examples)[0]?.value,
      takesIdempotencyKey: parameters.some((given: Json) => this.#resolved(given)[0].name === 'Idempotency-Key'),
      statuses: Object.keys(responses).map(Number),
    })
  }

  operation(operationId: string): DocumentedOperation {
    const found = this.operations.get(operationId)
    if (!found) throw new Error(`the document has no operation ${operationId}`)
    return found
  }

  /** What about an answer is not as the document says; nothing, if all is well. */
  problems(operationId: string, answer: Answer): string[] {
    const { template, method } = this.operation(operationId)
    const at = `#/paths/${segment(template)}/${method.toLowerCase()}/responses/${answer.status}`
    if (!this.#lookUp(at))
      return [`${answer.status} is not documented for ${operationId}: ${answer.text.slice(0, 300)}`]
    const [response, where] = this.#resolved(this.#lookUp(at), at)
    return [
      ...this.#bodyProblems(response, where, answer),
      ...this.#headerProblems(response, answer),
      ...requestIdProblems(answer),
    ]
  }

  #bodyProblems(response: Json, where: string, { headers, text }: Answer): string[] {
    const mediaType = headers.get('content-type')?.split(';')[0]
    const documented = response.content?.[mediaType ?? ''] ? (mediaType as string) : '*/*'
    if (!mediaType || !response.content?.[documented]) return [`the media type ${mediaType} is not documented`]
    let body: unknown
    try {
      body = /json/.test(mediaType) ? JSON.parse(text) : text
    } catch {
      return [`the body is not JSON: ${text.slice(0, 100)}`]
    }
    // as it stands, since closing the branches of a union could tell apart what the document doesn't; and closed
    return ['published', 'closed'].flatMap((form) => {
      const validate = this.#validator(`${form}${where}/content/${segment(documented)}/schema`)
      if (validate(body)) return []
      return (validate.errors ?? []).map(
        ({ instancePath, message, params }) =>
          `the body at '${instancePath}' ${message} ${JSON.stringify(params)} (${form}): ${text.slice(0, 300)}`,
      )
    })
  }

  #headerProblems(response: Json, { headers }: Answer): string[] {
    return Object.entries<Json>(response.headers ?? {}).flatMap(([name, given]) => {
      const value = headers.get(name)
      if (value === null) return OCCASIONAL_HEADERS.has(name.toLowerCase()) ? [] : [`the header ${name} is missing`]
      const [{ schema }] = this.#resolved(given)
      const fits = this.#headersAjv.validate({ properties: { value: schema } }, { value })
      return fits ? [] : [`the header ${name} is ${value}: ${this.#headersAjv.errorsText()}`]
    })
  }

  #validator(reference: string): ValidateFunction {
    const known = this.#validators.get(reference)
    if (known) return known
    const compiled = this.#ajv.compile({ $ref: reference })
    this.#validators.set(reference, compiled)
    return compiled
  }

  #lookUp(pointer: string): Json {
    return pointer
      .split('/')
      .slice(1)
      .reduce((node: Json, name) => node?.[unescaped(name)], this.#document)
  }

  /** What a reference names, and where that stands. */
  #resolved(node: Json, where = ''): [node: Json, where: string] {
    return typeof node.$ref === 'string' ? this.#resolved(this.#lookUp(node.$ref), node.$ref) : [node, where]
  }
}

/** The one error body names its call, as the header of every answer does. */
function requestIdProblems({ status, headers, body }: Answer): string[] {
  const header = headers.get('x-request-id')
  if (!header) return ['the header x-request-id is missing']
  if (status >= 400 && body?.request_id !== header) return [`request_id is ${body?.request_id}, x-request-id ${header}`]
  return []
}

const segment = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')
const unescaped = (name: string) => name.replaceAll('~1', '/').replaceAll('~0', '~')

const MAPS_OF_SCHEMAS = ['properties', 'patternProperties', 'dependentSchemas', '$defs']
const SCHEMAS = ['items', 'contains', 'additionalProperties', 'propertyNames', 'not', 'if', 'then', 'else']
const LISTS_OF_SCHEMAS = ['oneOf', 'anyOf', 'prefixItems']

/**
 * The document with every object of an answer closed that is not said to be open: it has the fields that are named, and no others. A set
 * of values that may grow has those that are named, too.
 */
function closed(document: Json): Json {
  for (const schema of Object.values<Json>(document.components.schemas)) close(schema)
  const responses = Object.values<Json>(document.paths).flatMap((item) =>
    Object.values<Json>(item).flatMap((operation) => Object.values<Json>(operation.responses ?? {})),
  )
  for (const response of [...responses, ...Object.values<Json>(document.components.responses)])
    for (const content of Object.values<Json>(response.content ?? {})) close(content.schema)
  return document
}

function close(schema: Json): void {
  if (typeof schema !== 'object' || schema === null) return
  // a part of a whole must not be closed by itself, and nothing of the document is put together so
  if (schema.allOf) throw new Error('allOf: the answers of this document cannot be closed')
  for (const name of MAPS_OF_SCHEMAS) for (const inner of Object.values(schema[name] ?? {})) close(inner)
  for (const name of LISTS_OF_SCHEMAS) for (const inner of schema[name] ?? []) close(inner)
  for (const name of SCHEMAS) close(schema[name])
  if (schema['x-extensible-enum']) schema.enum = schema['x-extensible-enum']
  const isObject = schema.properties !== undefined || [schema.type].flat().includes('object')
  if (isObject && schema.additionalProperties === undefined) schema.unevaluatedProperties = false
}
