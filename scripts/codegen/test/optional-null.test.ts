import { describe, expect, test } from '@jest/globals'
import type { OpenApiDocument } from '../document.js'
import { withOptionalNull } from '../optional-null.js'
import type { SchemaObject } from '../schema/keywords.js'

const SCHEMAS: Record<string, SchemaObject> = {
  Asked: {
    type: 'object',
    additionalProperties: false,
    required: ['id'],
    properties: {
      id: { type: 'string' },
      name: { type: 'string', maxLength: 5 },
      kind: { $ref: '#/components/schemas/Kind' },
      code: { $ref: '#/components/schemas/Code', description: 'A code.', 'x-tract-extension': true },
      inner: { $ref: '#/components/schemas/Inner' },
      tags: { type: 'array', items: { type: 'string' } },
      cleared: { type: ['string', 'null'] },
      either: { oneOf: [{ type: 'string' }, { type: 'null' }] },
    },
  },
  Kind: { type: 'string', enum: ['a', 'b'] },
  Code: { description: 'Any code.', type: 'string', minLength: 1 },
  Inner: { type: 'object', additionalProperties: false, properties: { at: { type: 'integer' } } },
  Open: { type: 'object', additionalProperties: true, properties: { at: { type: 'integer' } } },
  Counted: { type: 'object', additionalProperties: false, maxProperties: 1, properties: { at: { type: 'integer' } } },
  Answered: { type: 'object', additionalProperties: false, properties: { at: { type: 'integer' } } },
}

const body = (name: string) => ({
  required: true,
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
})
const asking = (name: string) => ({ post: { operationId: name, requestBody: body(name), responses: {} } })
const document: OpenApiDocument = {
  openapi: '3.1.0',
  info: { title: 'x', version: '1' },
  paths: { '/a': asking('Asked'), '/o': asking('Open'), '/c': asking('Counted') },
  components: { schemas: SCHEMAS },
}

describe('an optional field of a body', () => {
  const schemas = withOptionalNull(document).components?.schemas as typeof SCHEMAS
  const { properties = {} } = schemas.Asked as SchemaObject

  test('takes null in the form of its own', () => {
    expect(properties).toEqual({
      id: { type: 'string' },
      name: { type: ['string', 'null'], maxLength: 5 },
      kind: { anyOf: [{ $ref: '#/components/schemas/Kind' }, { type: 'null' }] },
      code: { description: 'A code.', type: ['string', 'null'], minLength: 1, 'x-tract-extension': true },
      inner: { anyOf: [{ $ref: '#/components/schemas/Inner' }, { type: 'null' }] },
      tags: { type: ['array', 'null'], items: { type: 'string' } },
      cleared: { type: ['string', 'null'] },
      either: { oneOf: [{ type: 'string' }, { type: 'null' }] },
    })
  })
  test('takes null within an object of ours, and nowhere else', () => {
    expect(schemas.Inner?.properties).toEqual({ at: { type: ['integer', 'null'] } })
    for (const name of ['Open', 'Counted', 'Answered']) expect(schemas[name]).toBe(SCHEMAS[name])
  })
})
