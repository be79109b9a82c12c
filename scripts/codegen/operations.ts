/** The document's operations and webhooks, references resolved (OpenAPI 3.1 §4.8.8–4.8.17). */
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
import { pascalCase } from './typescript.js'

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
  /** What stands in the path, as `{name}`. */
  params: NamedSchema | undefined
  query: NamedSchema | undefined
  headers: NamedSchema | undefined
  body: (NamedSchema & { contentTypes: readonly string[] }) | undefined
  answers: readonly Answer[]
}

/** A component schema, or a schema in an operation with the name that types and validators use. */
export interface NamedSchema {
  name: string
  schema: Schema
}

export interface Answer {
  status: number
  /** Undefined where the answer has no body. */
  body: NamedSchema | undefined
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

/** Every schema with a name, sorted by it: the components, and those that stand in operations. */
export function schemasOf(document: OpenApiDocument): Record<string, Schema> {
  const schemas = new Map<string, Schema>(Object.entries(document.components?.schemas ?? {}))
  for (const { id, params, query, headers, body, answers } of operationsOf(document)) {
    for (const named of [params, query, headers, body, ...answers.map((answer) => answer.body)]) {
      if (!named || isReference(named.schema)) continue
      const known = schemas.get(named.name)
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(named.schema))
        throw new Error(`${id}: another schema is called ${named.name}`)
      schemas.set(named.name, named.schema)
    }
  }
  return Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1)))
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
      payload: component(body?.schema, `the payload of webhook ${name}`),
      answer: component(success?.body?.schema, `the 200 answer of webhook ${name}`),
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
  checkPath(id, path, parameters)
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
    params: parametersOf(parameters, 'path', () => `${pascalCase(id)}Path`),
    query: parametersOf(parameters, 'query', () => `${pascalCase(id)}Query`),
    headers: parametersOf(parameters, 'header', (names) => `${names.map(pascalCase).join('')}Header`),
    body: bodyOf(document, operation, id),
    answers: answersOf(document, operation, id),
  }
}

/** What a path has in braces, its operation describes, and nothing else (§4.8.12.1). */
function checkPath(id: string, path: string, parameters: readonly Parameter[]): void {
  const inBraces = [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name)
  const described = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)
  const differing = [...inBraces, ...described].filter((name) => !inBraces.includes(name) || !described.includes(name))
  if (differing.length > 0) throw new Error(`${id}: ${path} and its parameters differ in ${differing.join(', ')}`)
}

/** The parameters of one place as an object (§4.8.12): open for headers, closed elsewhere. */
function parametersOf(
  parameters: readonly Parameter[],
  place: 'path' | 'query' | 'header',
  nameOf: (names: string[]) => string,
): NamedSchema | undefined {
  // A parameter of the operation replaces the one of its path (§4.8.9): the later entry wins.
  const here = new Map(
    parameters.filter((parameter) => parameter.in === place).map((parameter) => [wireName(parameter), parameter]),
  )
  if (here.size === 0) return undefined
  const properties = Object.fromEntries([...here].map(([name, parameter]) => [name, described(parameter)]))
  const required = [...here].filter(([, parameter]) => parameter.required).map(([name]) => name)
  const schema: SchemaObject = {
    type: 'object',
    ...(place === 'header' ? {} : { additionalProperties: false }),
    ...(required.length > 0 ? { required } : {}),
    properties,
  }
  return { name: nameOf([...here.keys()]), schema }
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
  const body = named(onlySchema(content, `the body of ${id}`), `${id}Body`)
  if (!required) throw new Error(`${id}: its body has to be required, as the service refuses a call without it`)
  return { contentTypes: Object.keys(content), ...body }
}

function answersOf(document: OpenApiDocument, operation: Operation, id: string): Answer[] {
  return Object.entries(operation.responses ?? {}).map(([status, reference]) => {
    if (!/^[1-5]\d\d$/.test(status)) throw new Error(`${id}: ${status} is no status; write each one out`)
    const { content, 'x-error-codes': errorCodes = [] } = resolve(document, reference)
    if (Object.keys(content ?? {}).length > 1)
      throw new Error(`${id}: an answer has one content type, ${status} has more`)
    const body = content && named(onlySchema(content, `${status} of ${id}`), `${id}Answer`)
    return { status: Number(status), body, errorCodes }
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

function named(schema: Schema, inline: string): NamedSchema {
  return { name: isReference(schema) ? componentName(schema.$ref) : pascalCase(inline), schema }
}

const isReference = (schema: Schema): schema is SchemaObject & { $ref: string } =>
  typeof schema === 'object' && schema.$ref !== undefined

function component(schema: Schema | undefined, where: string): string {
  if (schema === undefined || !isReference(schema))
    throw new Error(`${where} has to be a reference to a component schema`)
  return componentName(schema.$ref)
}
