import { describe, expect, test } from '@jest/globals'
import type { Schema } from '../schema/keywords.js'
import { typeboxOf } from '../schema/typebox.js'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

const TABLE: [name: string, given: Schema, want: string][] = [
  ['anything', true, 'Type.Unknown()'],
  ['nothing', false, 'Type.Never()'],
  ['annotations only', { description: 'Any.', 'x-tract-extension': true }, 'Type.Unknown()'],
  ['string', { type: 'string', description: 'left out', maxLength: 3 }, 'Type.String({ maxLength: 3 })'],
  ['a default', { type: 'integer', default: 5 }, 'Type.Integer({ default: 5 })'],
  ['null', { type: 'null' }, 'Type.Null()'],
  [
    'several types',
    { type: ['string', 'null'], maxLength: 3 },
    "Type.Unsafe<Given>({ type: ['string', 'null'], maxLength: 3 })",
  ],
  ['const', { type: 'boolean', const: true }, "Type.Literal(true, { type: 'boolean' })"],
  ['a const null', { const: null }, 'Type.Unsafe<Given>({ const: null })'],
  ['enum', { type: 'string', enum: ['a', 'b'] }, "Enum(['a', 'b'], { type: 'string' })"],
  ['a limited enum', { enum: ['a', 'b'], minLength: 1 }, "Type.Unsafe<Given>({ enum: ['a', 'b'], minLength: 1 })"],
  ['a reference', { ...ref('User'), 'x-entity': { omit: true } }, "Ref<User>('User')"],
  ['a reference with a default', { ...ref('Mood'), default: 'glad' }, "Ref<Mood>('Mood', { default: 'glad' })"],
  ['a reference with a limit', { ...ref('Id'), maxLength: 1 }, "Type.Unsafe<Given>({ $ref: 'Id#', maxLength: 1 })"],
  ['oneOf', { oneOf: [ref('A'), { type: 'null' }] }, "OneOf([Ref<A>('A'), Type.Null()])"],
  ['anyOf', { anyOf: [ref('A'), ref('B')] }, "Type.Union([Ref<A>('A'), Ref<B>('B')])"],
  [
    'anyOf of one, which TypeBox would unwrap',
    { anyOf: [ref('A')] },
    "Type.Unsafe<Given>({ anyOf: [{ $ref: 'A#' }] })",
  ],
  ['allOf', { allOf: [ref('A'), ref('B')] }, "Type.Unsafe<Given>({ allOf: [{ $ref: 'A#' }, { $ref: 'B#' }] })"],
  [
    'mixed forms, references within renamed',
    { type: 'object', oneOf: [ref('A'), { not: ref('B') }] },
    "Type.Unsafe<Given>({ type: 'object', oneOf: [{ $ref: 'A#' }, { not: { $ref: 'B#' } }] })",
  ],
  ['array', { type: 'array', maxItems: 2, items: ref('A') }, "Type.Array(Ref<A>('A'), { maxItems: 2 })"],
  ['array of anything', { type: 'array' }, "Type.Unsafe<Given>({ type: 'array' })"],
  [
    'object',
    {
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'string' }, b: ref('B') },
      additionalProperties: false,
    },
    `Type.Object(
  { a: Type.String(), b: Type.Optional(Ref<B>('B')) },
  { additionalProperties: false },
)`,
  ],
  [
    'conditions of an object',
    { type: 'object', properties: { a: {} }, if: { required: ['a'] }, else: { properties: { b: ref('B') } } },
    `Type.Object(
  { a: Type.Optional(Type.Unknown()) },
  { if: { required: ['a'] }, else: { properties: { b: { $ref: 'B#' } } } },
)`,
  ],
  [
    'dictionary',
    { type: 'object', additionalProperties: ref('A'), maxProperties: 2 },
    "Dictionary(Ref<A>('A'), { maxProperties: 2 })",
  ],
  ['bare object', { type: 'object' }, "Type.Unsafe<Record<string, unknown>>({ type: 'object' })"],
  [
    'a required property without a schema',
    { type: 'object', required: ['a'], properties: {} },
    "Type.Unsafe<Given>({ type: 'object', required: ['a'], properties: {} })",
  ],
  [
    'properties that are named as keywords are',
    { type: 'object', properties: { description: { type: 'string' }, $ref: { type: 'string' } } },
    'Type.Object({ description: Type.Optional(Type.String()), $ref: Type.Optional(Type.String()) })',
  ],
]

describe('the TypeBox expression of', () => {
  test.each(TABLE)('%s', (_, given, want) => {
    expect(typeboxOf(given, 'Given')).toBe(want)
  })
})

test('an unknown keyword is refused at any depth', () => {
  expect(() => typeboxOf({ type: 'array', items: { type: 'string', nullable: true } }, 'Given')).toThrow(
    'unknown keyword nullable',
  )
  expect(() => typeboxOf({ type: 'array', contains: { id: 'x' } }, 'Given')).toThrow('unknown keyword id')
})

const REFUSED: [name: string, given: Schema, want: string][] = [
  [
    'a tuple, which types would know by its first items alone',
    { type: 'array', prefixItems: [ref('A')], items: false },
    'unknown keyword prefixItems',
  ],
  [
    'unevaluatedProperties, which types would not know',
    { allOf: [ref('A')], unevaluatedProperties: false },
    'unknown keyword unevaluatedProperties',
  ],
  [
    'anyOf beside properties, which types would hold for one more alternative',
    { type: 'object', properties: { a: {} }, anyOf: [ref('B'), ref('C')] },
    'anyOf beside properties has no right type',
  ],
  [
    'further properties of one type, which types would ask of those that are named',
    { type: 'object', additionalProperties: { type: 'number' }, properties: { a: { type: 'string' } } },
    'additionalProperties beside properties has no right type',
  ],
  [
    'a mixed form among alternatives, to which no name leads',
    { oneOf: [ref('A'), { type: ['string', 'null'] }] },
    'give it a name as a component',
  ],
  ['a keyword of OpenAPI 3.0', { type: 'string', nullable: true }, 'unknown keyword nullable'],
  ['an x- key that is not ours', { type: 'object', properties: { a: { 'x-secret': 1 } } }, 'unknown keyword x-secret'],
  ['an inherited name', { constructor: 1 }, 'unknown keyword constructor'],
  ['a type that there is not', { type: 'date' }, 'unknown type date'],
  ['a reference elsewhere', { $ref: 'other.yaml#/User' }, 'no reference to a component schema'],
  ['a component with no name of a type', ref('user-id'), 'no reference to a component schema'],
]

describe('refuses', () => {
  test.each(REFUSED)('%s', (_, given, want) => {
    expect(() => typeboxOf(given, 'Given')).toThrow(want)
  })
})
