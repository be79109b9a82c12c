/** The operations and webhooks of the document, with every reference on the way to a schema followed (OpenAPI 3.1 §4.8.8–4.8.17). */
import {
  type Audience,
  METHODS,
  type MediaType,
  type Method,
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type PathItem,
  resolve,
  type SecurityRequirement,
} from './document.js'
import type { Schema, SchemaObject } from './schema/keywords.js'
import { componentName } from './schema/reference.js'

export interface OperationEntry {
  id: string
  method: Method
  path: string
  /** The operation whose handler serves this one. */
  aliasOf: string | undefined
  tag: string
  summary: string
  description: string
  audience: readonly Audience[]
  security: readonly SecurityRequirement[]
  idempotent: boolean
  extension: boolean
  params: SchemaObject | undefined
  query: SchemaObject | undefined
  headers: SchemaObject | undefined
  body: { contentTypes: readonly string[]; schema: Schema; required: boolean } | undefined
  answers: readonly Answer[]
}

export interface Answer {
  status: number
  description: string
  contentType: string | undefined
  schema: Schema | undefined
  errorCodes: readonly string[]
}

export interface WebhookEntry {
  /** `category.subcategory` */
  name: string
  category: string
  subcategory: string
  id: string
  summary: string
  description: string
  audience: readonly Audience[]
  extension: boolean
  /** Component schemas. */
  payload: string
  answer: string
}

const OPERATION_KEYS = [
  ...['operationId', 'summary', 'description', 'tags', 'deprecated', 'externalDocs', 'security', 'servers'],
  ...['parameters', 'requestBody', 'responses', 'x-audience', 'x-tract-extension', 'x-alias-of', 'x-idempotent'],
]

export function operationsOf(document: OpenApiDocument): OperationEntry[] {
  const entries = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    methodsOf(resolve(document, item)).map(([method, operation]) =>
      operationEntry(document, path, item, method, operation),
    ),
  )
  const ids = entries.map(({ id }) => id)
  for (const { id, aliasOf } of entries) {
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) throw new Error(`operationId ${id} stands twice`)
    const target = entries.find((entry) => entry.id === aliasOf)
    if (aliasOf !== undefined && (!target || target.aliasOf !== undefined))
      throw new Error(`${id}: ${aliasOf} is no operation of its own`)
  }
  return entries
}

export function webhooksOf(document: OpenApiDocument): WebhookEntry[] {
  return Object.entries(document.webhooks ?? {}).map(([name, reference]) => {
    const [category = '', subcategory = '', ...more] = name.split('.')
    if (!category || !subcategory || more.length > 0)
      throw new Error(`webhook ${name} is not called category.subcategory`)
    const [[method, operation] = [], ...others] = methodsOf(resolve<PathItem>(document, reference))
    if (method !== 'post' || !operation || others.length > 0)
      throw new Error(`webhook ${name} has to have a post operation only`)
    const { body, answers, ...entry } = operationEntry(document, name, {}, method, operation)
    const success = answers.find(({ status }) => status === 200)
    return {
      name,
      category,
      subcategory,
      id: entry.id,
      summary: entry.summary,
      description: entry.description,
      audience: entry.audience,
      extension: entry.extension,
      payload: named(body?.schema, `the payload of webhook ${name}`),
      answer: named(success?.schema, `the 200 answer of webhook ${name}`),
    }
  })
}

export function methodsOf(item: PathItem): [Method, Operation][] {
  return METHODS.flatMap((method) => (item[method] ? [[method, item[method]] as [Method, Operation]] : []))
}

function operationEntry(
  document: OpenApiDocument,
  path: string,
  item: PathItem,
  method: Method,
  operation: Operation,
): OperationEntry {
  const where = `${method.toUpperCase()} ${path}`
  const id = operation.operationId
  if (!id) throw new Error(`${where} has no operationId`)
  const unknown = Object.keys(operation).find((key) => !OPERATION_KEYS.includes(key))
  if (unknown) throw new Error(`${id}: unknown key ${unknown}`)
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((parameter) =>
    resolve(document, parameter),
  )
  return {
    id,
    method,
    path,
    aliasOf: operation['x-alias-of'],
    tag: operation.tags?.[0] ?? '',
    summary: operation.summary ?? '',
    description: operation.description?.trim() ?? '',
    audience: operation['x-audience'] ?? [],
    security: operation.security ?? document.security ?? [],
    idempotent: operation['x-idempotent'] ?? false,
    extension: operation['x-tract-extension'] ?? false,
    params: parameterSchema(parameters, 'path'),
    query: parameterSchema(parameters, 'query'),
    headers: parameterSchema(parameters, 'header'),
    body: bodyOf(document, operation, id),
    answers: answersOf(document, operation, id),
  }
}

/** The parameters of one place as the properties of an object (§4.8.12). Further headers are everybody's right, further names elsewhere are errors. */
function parameterSchema(parameters: readonly Parameter[], place: Parameter['in']): SchemaObject | undefined {
  // A parameter of the operation replaces the one of its path (§4.8.9): the later entry of a name wins.
  const here = new Map(
    parameters.filter((parameter) => parameter.in === place).map((parameter) => [wireName(parameter), parameter]),
  )
  if (here.size === 0) return undefined
  const properties = Object.fromEntries([...here].map(([name, parameter]) => [name, described(parameter)]))
  const required = [...here].filter(([, parameter]) => parameter.required).map(([name]) => name)
  return {
    type: 'object',
    ...(place === 'header' ? {} : { additionalProperties: false }),
    ...(required.length > 0 ? { required } : {}),
    properties,
  }
}

/** Header names are case-insensitive (§4.8.12.2.1), and Node gives them in lower case. */
function wireName({ in: place, name }: Parameter): string {
  return place === 'header' ? name.toLowerCase() : name
}

function described({ schema = {}, description }: Parameter): Schema {
  return typeof schema === 'boolean' || description === undefined ? schema : { ...schema, description }
}

function bodyOf(document: OpenApiDocument, operation: Operation, id: string): OperationEntry['body'] {
  if (!operation.requestBody) return undefined
  const { content, required = false } = resolve(document, operation.requestBody)
  const contentTypes = Object.keys(content)
  return { contentTypes, schema: onlySchema(content, `the body of ${id}`), required }
}

function answersOf(document: OpenApiDocument, operation: Operation, id: string): Answer[] {
  return Object.entries(operation.responses ?? {}).map(([status, reference]) => {
    if (!/^[1-5]\d\d$/.test(status)) throw new Error(`${id}: ${status} is no status; write each one out`)
    const response = resolve(document, reference)
    const [contentType, ...others] = Object.keys(response.content ?? {})
    if (others.length > 0) throw new Error(`${id}: an answer has one content type, ${status} has more`)
    return {
      status: Number(status),
      description: response.description.trim(),
      contentType,
      schema: response.content && contentType ? onlySchema(response.content, `${status} of ${id}`) : undefined,
      errorCodes: response['x-error-codes'] ?? [],
    }
  })
}

/** Several content types are several spellings of one schema. */
function onlySchema(content: Record<string, MediaType>, where: string): Schema {
  const [schema, ...others] = Object.values(content).map((media) => media.schema)
  if (schema === undefined) throw new Error(`${where} has no schema`)
  if (others.some((other) => JSON.stringify(other) !== JSON.stringify(schema)))
    throw new Error(`${where} has different schemas`)
  return schema
}

function named(schema: Schema | undefined, where: string): string {
  if (typeof schema !== 'object' || !schema.$ref)
    throw new Error(`${where} has to be a reference to a component schema`)
  return componentName(schema.$ref)
}
