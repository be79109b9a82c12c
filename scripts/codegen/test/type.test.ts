import { describe, expect, test } from '@jest/globals'
import type { Schema } from '../schema/keywords.js'
import { typeOf } from '../schema/type.js'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

const TABLE: { name: string; given: Schema; want: string }[] = [
  { name: 'anything', given: true, want: 'unknown' },
  { name: 'nothing', given: false, want: 'never' },
  { name: 'an empty schema', given: {}, want: 'unknown' },
  { name: 'string', given: { type: 'string', maxLength: 3, format: 'uuid' }, want: 'string' },
  { name: 'integer', given: { type: 'integer', minimum: 1 }, want: 'number' },
  { name: 'boolean', given: { type: 'boolean' }, want: 'boolean' },
  { name: 'null', given: { type: 'null' }, want: 'null' },
  { name: 'several types', given: { type: ['string', 'integer', 'number', 'null'] }, want: 'string | number | null' },
  { name: 'const', given: { type: 'string', const: "it's" }, want: '"it\'s"' },
  { name: 'a const that is an object', given: { const: { a: [1, null] } }, want: '{ a: [1, null] }' },
  { name: 'enum', given: { enum: ['a', 1, true, null] }, want: "'a' | 1 | true | null" },
  { name: 'a reference', given: { ...ref('User'), description: 'one of them' }, want: 'User' },
  { name: 'a nullable reference', given: { oneOf: [ref('User'), { type: 'null' }] }, want: 'User | null' },
  { name: 'anyOf with anything', given: { anyOf: [ref('User'), {}] }, want: 'unknown' },
  { name: 'allOf', given: { allOf: [ref('A'), { oneOf: [ref('B'), ref('C')] }] }, want: 'A & (B | C)' },
  { name: 'alternatives of a bare object', given: { type: 'object', oneOf: [ref('A'), ref('B')] }, want: 'A | B' },
  {
    name: 'alternatives beside properties',
    given: { type: 'object', properties: { a: {} }, anyOf: [ref('B'), ref('C')] },
    want: '(B | C) & { a?: unknown }',
  },
  {
    name: 'requirements as alternatives',
    given: { type: 'object', properties: { a: {} }, anyOf: [{ required: ['a'] }] },
    want: '{ a?: unknown }',
  },
  {
    name: 'unevaluatedProperties over a reference',
    given: { allOf: [ref('A')], unevaluatedProperties: false },
    want: 'Known<A>',
  },
  { name: 'what only a validator sees', given: { not: { const: 1 }, type: 'number', multipleOf: 2 }, want: 'number' },
  { name: 'array', given: { type: 'array', items: { type: 'string' } }, want: 'string[]' },
  {
    name: 'array of a union',
    given: { type: 'array', items: { type: ['string', 'null'] } },
    want: '(string | null)[]',
  },
  {
    name: 'array of objects, one holding a union',
    given: {
      type: 'array',
      items: { type: 'object', required: ['a'], properties: { a: { type: ['string', 'null'] } } },
    },
    want: '{ a: string | null }[]',
  },
  { name: 'array of anything', given: { type: 'array' }, want: 'unknown[]' },
  {
    name: 'tuple',
    given: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], minItems: 1, items: false },
    want: '[string, number?]',
  },
  {
    name: 'open tuple',
    given: { type: 'array', prefixItems: [{ type: 'string' }], minItems: 1, items: { type: ['number', 'null'] } },
    want: '[string, ...(number | null)[]]',
  },
  { name: 'bare object', given: { type: 'object' }, want: '{ [key: string]: unknown }' },
  { name: 'empty object', given: { type: 'object', additionalProperties: false }, want: '{ [key: string]: never }' },
  { name: 'dictionary', given: { type: 'object', additionalProperties: ref('User') }, want: '{ [key: string]: User }' },
  {
    name: 'patterns',
    given: { type: 'object', patternProperties: { '^x': { type: 'string' } }, additionalProperties: false },
    want: '{ [key: string]: string }',
  },
  {
    name: 'required and optional properties',
    given: { type: 'object', required: ['a'], properties: { a: { type: 'string' }, 'b-c': { type: 'number' } } },
    want: "{ a: string; 'b-c'?: number }",
  },
  {
    name: 'closed object',
    given: { type: 'object', additionalProperties: false, properties: { a: { type: 'string' } } },
    want: '{ a?: string }',
  },
  {
    name: 'open object that says so',
    given: { type: 'object', additionalProperties: true, properties: { a: { type: 'string' } } },
    want: '{ a?: string; [key: string]: unknown }',
  },
  {
    name: 'further properties of one type',
    given: { type: 'object', additionalProperties: { type: 'number' }, properties: { a: { type: 'string' } } },
    want: '{ a?: string; [key: string]: number | string }',
  },
  { name: 'a required property without a schema', given: { type: 'object', required: ['a'] }, want: '{ a: unknown }' },
  { name: 'properties without a type', given: { properties: { a: ref('A') } }, want: '{ a?: A }' },
  {
    name: 'descriptions',
    given: {
      type: 'object',
      properties: {
        a: { type: 'string', description: 'One.\n*/ Two.', deprecated: true },
        b: { description: "b's", type: 'null' },
      },
    },
    want: `{
  /**
   * One.
   * *\\/ Two.
   * @deprecated
   */
  a?: string
  /** b's */
  b?: null
}`,
  },
]

describe('the type of', () => {
  test.each(TABLE)('$name', ({ given, want }) => {
    expect(typeOf(given)).toBe(want)
  })
})

test('a long union has a line for each member', () => {
  const values = ['the_first_of_many', 'the_second_of_many', 'the_third_of_many', 'the_fourth_of_many', 'the_fifth']
  expect(typeOf({ enum: values })).toBe(`\n${values.map((value) => `  | '${value}'`).join('\n')}`)
})

const REFUSED: { name: string; given: Schema; want: string }[] = [
  { name: 'a keyword of OpenAPI 3.0', given: { type: 'string', nullable: true }, want: 'unknown keyword nullable' },
  {
    name: 'an x- key that is not ours',
    given: { type: 'object', properties: { a: { 'x-secret': 1 } } },
    want: 'unknown keyword x-secret',
  },
  { name: 'an inherited name', given: { constructor: 1 }, want: 'unknown keyword constructor' },
  { name: 'a type that there is not', given: { type: 'date' }, want: 'unknown type date' },
  { name: 'a reference elsewhere', given: { $ref: 'other.yaml#/User' }, want: 'no reference to a component schema' },
  { name: 'a component with no name of a type', given: ref('user-id'), want: 'no reference to a component schema' },
]

describe('refuses', () => {
  test.each(REFUSED)('$name', ({ given, want }) => {
    expect(() => typeOf(given)).toThrow(want)
  })
})
