/** The OpenAPI 3.1 document as the generators see it: bundled, every `$ref` pointing inside it. */
import type { Schema } from './schema/keywords.js'

export const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const
export type Method = (typeof METHODS)[number]
export type Audience = 'vendor' | 'platform'

export interface Reference {
  $ref: string
}

/** OpenAPI 3.1 §4.8.1, OpenAPI Object */
export interface OpenApiDocument {
  openapi: string
  info: { title: string; version: string; [key: string]: unknown }
  tags?: { name: string; [key: string]: unknown }[]
  security?: SecurityRequirement[]
  paths?: Record<string, PathItem>
  webhooks?: Record<string, PathItem | Reference>
  components?: Components
  /** What an operator adds to every operation: a scheme, and a parameter for the listener. */
  'x-operators'?: { session: string; act_for: Parameter; act_for_platform: string }
  [key: string]: unknown
}

/** OpenAPI 3.1 §4.8.7, Components Object */
export interface Components {
  schemas?: Record<string, Schema>
  responses?: Record<string, Response | Reference>
  parameters?: Record<string, Parameter | Reference>
  requestBodies?: Record<string, RequestBody | Reference>
  securitySchemes?: Record<string, { type: string; flows?: Record<string, { scopes: Record<string, string> }> }>
  pathItems?: Record<string, PathItem>
  [kind: string]: Record<string, unknown> | undefined
}

/** OpenAPI 3.1 §4.8.9, Path Item Object */
export interface PathItem extends Partial<Record<Method, Operation>> {
  summary?: string
  description?: string
  parameters?: (Parameter | Reference)[]
}

/** OpenAPI 3.1 §4.8.10, Operation Object */
export interface Operation {
  operationId?: string
  summary?: string
  description?: string
  tags?: string[]
  deprecated?: boolean
  security?: SecurityRequirement[]
  parameters?: (Parameter | Reference)[]
  requestBody?: RequestBody | Reference
  responses?: Record<string, Response | Reference>
  'x-audience'?: Audience[]
  'x-tract-extension'?: boolean
  'x-alias-of'?: string
  'x-idempotent'?: boolean
}

/** OpenAPI 3.1 §4.8.30, Security Requirement Object */
export type SecurityRequirement = Record<string, string[]>

/** OpenAPI 3.1 §4.8.12, Parameter Object */
export interface Parameter {
  name: string
  in: 'query' | 'header' | 'path' | 'cookie'
  required?: boolean
  description?: string
  deprecated?: boolean
  schema?: Schema
}

/** OpenAPI 3.1 §4.8.13, Request Body Object */
export interface RequestBody {
  description?: string
  required?: boolean
  content: Record<string, MediaType>
}

/** OpenAPI 3.1 §4.8.17, Response Object */
export interface Response {
  description: string
  headers?: Record<string, unknown>
  content?: Record<string, MediaType>
  'x-error-codes'?: string[]
}

/** OpenAPI 3.1 §4.8.14, Media Type Object */
export interface MediaType {
  schema?: Schema
  [key: string]: unknown
}

/** Keywords whose values are data: no key in them is the document's. */
export const DATA = new Set(['example', 'examples', 'default', 'const', 'enum'])
/** Keywords whose keys are names. */
export const NAMES = new Set(['properties', 'patternProperties', 'dependentSchemas', 'headers', 'schemas'])

/** The target of a reference, without the reference's siblings (§4.8.23: they override text). */
export function resolve<T extends object>(document: OpenApiDocument, node: T | Reference): T {
  let current: T | Reference = node
  for (let hops = 0; '$ref' in current && typeof current.$ref === 'string'; hops++) {
    if (hops > 20) throw new Error(`${current.$ref} leads to itself`)
    current = pointer(document, current.$ref) as T | Reference
  }
  return current as T
}

/** What an internal reference such as `#/components/responses/BadRequest` points at (RFC 6901). */
function pointer(document: OpenApiDocument, ref: string): unknown {
  if (!ref.startsWith('#/')) throw new Error(`${ref} points outside the bundled document`)
  const steps = ref.slice(2).split('/')
  let node: unknown = document
  for (const step of steps) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    node = node !== null && typeof node === 'object' ? (node as Record<string, unknown>)[key] : undefined
  }
  if (node === undefined) throw new Error(`${ref} points at nothing`)
  return node
}
