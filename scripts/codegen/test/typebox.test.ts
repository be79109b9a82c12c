import { describe, expect, test } from '@jest/globals'
import type { Schema } from '../schema/keywords.js'
import { typeboxOf } from '../schema/typebox.js'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

const TABLE: { name: string; given: Schema; want: string }[] = [
  { name: 'anything', given: true, want: 'Type.Unknown()' },
  { name: 'nothing', given: false, want: 'Type.Never()' },
  { name: 'annotations only', given: { description: 'whatever', 'x-tract-extension': true }, want: 'Type.Unknown()' },
  {
    name: 'string',
    given: { type: 'string', description: 'left out', maxLength: 3 },
    want: 'Type.String({ maxLength: 3 })',
  },
  { name: 'a default', given: { type: 'integer', default: 5 }, want: 'Type.Integer({ default: 5 })' },
  { name: 'null', given: { type: 'null' }, want: 'Type.Null()' },
  {
    name: 'several types',
    given: { type: ['string', 'null'], maxLength: 3 },
    want: "Type.Unsafe<Given>({ type: ['string', 'null'], maxLength: 3 })",
  },
  { name: 'const', given: { type: 'boolean', const: true }, want: "Type.Literal(true, { type: 'boolean' })" },
  { name: 'a const null', given: { const: null }, want: 'Type.Unsafe<Given>({ const: null })' },
  { name: 'enum', given: { type: 'string', enum: ['a', 'b'] }, want: "Enum(['a', 'b'], { type: 'string' })" },
  {
    name: 'a limited enum',
    given: { enum: ['a', 'b'], minLength: 1 },
    want: "Type.Unsafe<Given>({ enum: ['a', 'b'], minLength: 1 })",
  },
  { name: 'a reference', given: { ...ref('User'), 'x-entity': { omit: true } }, want: "Ref<User>('User')" },
  {
    name: 'a reference with a default',
    given: { ...ref('Mood'), default: 'glad' },
    want: "Ref<Mood>('Mood', { default: 'glad' })",
  },
  {
    name: 'a reference with a limit',
    given: { ...ref('Id'), maxLength: 1 },
    want: "Type.Unsafe<Given>({ $ref: 'Id#', maxLength: 1 })",
  },
  { name: 'oneOf', given: { oneOf: [ref('A'), { type: 'null' }] }, want: "OneOf([Ref<A>('A'), Type.Null()])" },
  { name: 'anyOf', given: { anyOf: [ref('A'), ref('B')] }, want: "Type.Union([Ref<A>('A'), Ref<B>('B')])" },
  {
    name: 'anyOf of one, which TypeBox would unwrap',
    given: { anyOf: [ref('A')] },
    want: "Type.Unsafe<Given>({ anyOf: [{ $ref: 'A#' }] })",
  },
  {
    name: 'allOf',
    given: { allOf: [ref('A'), ref('B')] },
    want: "Type.Unsafe<Given>({ allOf: [{ $ref: 'A#' }, { $ref: 'B#' }] })",
  },
  {
    name: 'mixed forms, references within renamed',
    given: { type: 'object', oneOf: [ref('A'), { not: ref('B') }] },
    want: "Type.Unsafe<Given>({ type: 'object', oneOf: [{ $ref: 'A#' }, { not: { $ref: 'B#' } }] })",
  },
  {
    name: 'array',
    given: { type: 'array', maxItems: 2, items: ref('A') },
    want: "Type.Array(Ref<A>('A'), { maxItems: 2 })",
  },
  { name: 'array of anything', given: { type: 'array' }, want: "Type.Unsafe<Given>({ type: 'array' })" },
  {
    name: 'object',
    given: {
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'string' }, b: ref('B') },
      additionalProperties: false,
    },
    want: `Type.Object(
  { a: Type.String(), b: Type.Optional(Ref<B>('B')) },
  { additionalProperties: false },
)`,
  },
  {
    name: 'conditions of an object',
    given: { type: 'object', properties: { a: {} }, if: { required: ['a'] }, else: { properties: { b: ref('B') } } },
    want: `Type.Object(
  { a: Type.Optional(Type.Unknown()) },
  { if: { required: ['a'] }, else: { properties: { b: { $ref: 'B#' } } } },
)`,
  },
  {
    name: 'dictionary',
    given: { type: 'object', additionalProperties: ref('A'), maxProperties: 2 },
    want: "Dictionary(Ref<A>('A'), { maxProperties: 2 })",
  },
  {
    name: 'bare object',
    given: { type: 'object' },
    want: "Type.Unsafe<Record<string, unknown>>({ type: 'object' })",
  },
  {
    name: 'a required property without a schema',
    given: { type: 'object', required: ['a'], properties: {} },
    want: "Type.Unsafe<Given>({ type: 'object', required: ['a'], properties: {} })",
  },
  {
    name: 'properties that are named as keywords are',
    given: { type: 'object', properties: { description: { type: 'string' }, $ref: { type: 'string' } } },
    want: 'Type.Object({ description: Type.Optional(Type.String()), $ref: Type.Optional(Type.String()) })',
  },
]

describe('the TypeBox expression of', () => {
  test.each(TABLE)('$name', ({ given, want }) => {
    expect(typeboxOf(given, 'Given')).toBe(want)
  })
})

test('an unknown keyword is refused wherever it stands', () => {
  expect(() => typeboxOf({ type: 'array', items: { type: 'string', nullable: true } }, 'Given')).toThrow(
    'unknown keyword nullable',
  )
  expect(() => typeboxOf({ type: 'array', contains: { id: 'x' } }, 'Given')).toThrow('unknown keyword id')
})

const REFUSED: { name: string; given: Schema; want: string }[] = [
  {
    name: 'a tuple, which types would know by its first items alone',
    given: { type: 'array', prefixItems: [ref('A')], items: false },
    want: 'unknown keyword prefixItems',
  },
  {
    name: 'unevaluatedProperties, which types would not know',
    given: { allOf: [ref('A')], unevaluatedProperties: false },
    want: 'unknown keyword unevaluatedProperties',
  },
  {
    name: 'anyOf beside properties, which types would hold for one more alternative',
    given: { type: 'object', properties: { a: {} }, anyOf: [ref('B'), ref('C')] },
    want: 'anyOf beside properties has no right type',
  },
  {
    name: 'further properties of one type, which types would ask of those that are named',
    given: { type: 'object', additionalProperties: { type: 'number' }, properties: { a: { type: 'string' } } },
    want: 'additionalProperties beside properties has no right type',
  },
  {
    name: 'a mixed form among alternatives, to which no name leads',
    given: { oneOf: [ref('A'), { type: ['string', 'null'] }] },
    want: 'give it a name as a component',
  },
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
    expect(() => typeboxOf(given, 'Given')).toThrow(want)
  })
})
