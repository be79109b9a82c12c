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
    want: "Type.Unsafe<string | null>({ type: ['string', 'null'], maxLength: 3 })",
  },
  { name: 'const', given: { type: 'boolean', const: true }, want: "Type.Literal(true, { type: 'boolean' })" },
  { name: 'a const null', given: { const: null }, want: 'Type.Unsafe<null>({ const: null })' },
  { name: 'enum', given: { type: 'string', enum: ['a', 'b'] }, want: "Enum(['a', 'b'], { type: 'string' })" },
  {
    name: 'a limited enum',
    given: { enum: ['a', 'b'], minLength: 1 },
    want: "Type.Unsafe<'a' | 'b'>({ enum: ['a', 'b'], minLength: 1 })",
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
    want: "Type.Unsafe<Id>({ $ref: 'Id#', maxLength: 1 })",
  },
  { name: 'oneOf', given: { oneOf: [ref('A'), { type: 'null' }] }, want: "OneOf([Ref<A>('A'), Type.Null()])" },
  { name: 'anyOf', given: { anyOf: [ref('A'), ref('B')] }, want: "Type.Union([Ref<A>('A'), Ref<B>('B')])" },
  {
    name: 'anyOf of one, which TypeBox would unwrap',
    given: { anyOf: [ref('A')] },
    want: "Type.Unsafe<A>({ anyOf: [{ $ref: 'A#' }] })",
  },
  { name: 'allOf', given: { allOf: [ref('A'), ref('B')] }, want: "AllOf([Ref<A>('A'), Ref<B>('B')])" },
  {
    name: 'mixed forms, references within renamed',
    given: { type: 'object', oneOf: [ref('A'), { not: ref('B') }] },
    want: "Type.Unsafe<unknown>({ type: 'object', oneOf: [{ $ref: 'A#' }, { not: { $ref: 'B#' } }] })",
  },
  {
    name: 'array',
    given: { type: 'array', maxItems: 2, items: ref('A') },
    want: "Type.Array(Ref<A>('A'), { maxItems: 2 })",
  },
  { name: 'array of anything', given: { type: 'array' }, want: "Type.Unsafe<unknown[]>({ type: 'array' })" },
  {
    name: 'tuple',
    given: { type: 'array', prefixItems: [ref('A')], items: false },
    want: "Type.Unsafe<[A?]>({ type: 'array', prefixItems: [{ $ref: 'A#' }], items: false })",
  },
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
    want: "Type.Unsafe<{ [key: string]: unknown }>({ type: 'object' })",
  },
  {
    name: 'a required property without a schema',
    given: { type: 'object', required: ['a'], properties: {} },
    want: "Type.Unsafe<{ a: unknown }>({ type: 'object', required: ['a'], properties: {} })",
  },
  {
    name: 'properties that are named as keywords are',
    given: { type: 'object', properties: { description: { type: 'string' }, $ref: { type: 'string' } } },
    want: 'Type.Object({ description: Type.Optional(Type.String()), $ref: Type.Optional(Type.String()) })',
  },
]

describe('the TypeBox expression of', () => {
  test.each(TABLE)('$name', ({ given, want }) => {
    expect(typeboxOf(given)).toBe(want)
  })
})

test('an unknown keyword is refused wherever it stands', () => {
  expect(() => typeboxOf({ type: 'array', items: { type: 'string', nullable: true } })).toThrow(
    'unknown keyword nullable',
  )
  expect(() => typeboxOf({ type: 'array', prefixItems: [{ id: 'x' }] })).toThrow('unknown keyword id')
})
