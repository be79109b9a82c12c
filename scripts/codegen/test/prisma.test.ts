import { describe, expect, test } from '@jest/globals'
import { parseExtensions } from '../prisma/extensions.js'
import type { Schema, SchemaObject } from '../schema/keywords.js'
import { prisma } from '../targets/prisma.js'

const COMPONENTS: Record<string, Schema> = {
  Id: { type: 'string', format: 'uuid', maxLength: 36 },
  Kind: { type: 'string', enum: ['one', '2nd', 'iOS'] },
  Element: { oneOf: [{ $ref: '#/components/schemas/Id' }, { type: 'object' }] },
  Named: { $ref: '#/components/schemas/Kind' },
}
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

function rendered(schema: SchemaObject, extensions: unknown = {}): string {
  const thing = { type: 'object', 'x-entity': { model: 'Thing', table: 'things', key: ['id'] }, ...schema }
  const document = {
    openapi: '3.1.0',
    info: { title: 'x', version: '1' },
    components: { schemas: { ...COMPONENTS, Thing: thing } },
  }
  return prisma({ document, storage: parseExtensions(extensions) })[0]?.contents ?? ''
}

/** The line of the field `value`, its columns closed up. */
function field(property: Schema, required = false): string | undefined {
  const text = rendered({
    required: ['id', ...(required ? ['value'] : [])],
    properties: { id: ref('Id'), value: property },
  })
  return text
    .split('\n')
    .find((line) => line.trimStart().startsWith('value'))
    ?.trim()
    .replaceAll(/ +/g, ' ')
}

const FIELDS: { name: string; given: Schema; required?: boolean; want: string | undefined }[] = [
  { name: 'an optional string', given: { type: 'string' }, want: 'value String?' },
  { name: 'a required string', given: { type: 'string' }, required: true, want: 'value String' },
  {
    name: 'a required string that may be null',
    given: { type: ['string', 'null'] },
    required: true,
    want: 'value String?',
  },
  {
    name: 'a limited string',
    given: { type: 'string', maxLength: 64 },
    required: true,
    want: 'value String @db.VarChar(64)',
  },
  { name: 'a uuid', given: ref('Id'), required: true, want: 'value String @db.Uuid' },
  {
    name: 'a time',
    given: { type: 'string', format: 'date-time', maxLength: 24 },
    want: 'value DateTime? @db.Timestamptz(3)',
  },
  { name: 'an integer', given: { type: 'integer' }, required: true, want: 'value Int' },
  { name: 'a large integer', given: { type: 'integer', format: 'int64' }, required: true, want: 'value BigInt' },
  { name: 'a number', given: { type: 'number' }, required: true, want: 'value Float' },
  { name: 'a boolean', given: { type: 'boolean' }, required: true, want: 'value Boolean' },
  { name: 'an object', given: { type: 'object' }, want: 'value Json? @db.JsonB' },
  { name: 'alternatives', given: ref('Element'), required: true, want: 'value Json @db.JsonB' },
  {
    name: 'a nullable reference',
    given: { oneOf: [ref('Id'), { type: 'null' }] },
    required: true,
    want: 'value String? @db.Uuid',
  },
  { name: 'an enum', given: ref('Kind'), required: true, want: 'value Kind' },
  { name: 'an enum by another name', given: ref('Named'), required: true, want: 'value Kind' },
  { name: 'an enum on the spot', given: { type: 'string', enum: ['a'] }, want: 'value ThingValue?' },
  { name: 'strings', given: { type: 'array', items: { type: 'string' } }, want: 'value String[]' },
  { name: 'names of an enum', given: { type: 'array', items: ref('Kind') }, required: true, want: 'value String[]' },
  {
    name: 'objects',
    given: { type: 'array', items: { type: 'object' } },
    required: true,
    want: 'value Json @db.JsonB',
  },
  { name: 'another type', given: { ...ref('Id'), 'x-entity': { type: 'Int' } }, required: true, want: 'value Int' },
  {
    name: 'another native type',
    given: { type: 'integer', 'x-entity': { db: 'SmallInt' } },
    required: true,
    want: 'value Int @db.SmallInt',
  },
  {
    name: 'another column',
    given: { type: 'integer', 'x-entity': { column: 'amount' } },
    required: true,
    want: 'value Int @map("amount")',
  },
  {
    name: 'a default of an enum',
    given: { ...ref('Kind'), 'x-entity': { default: 'one' } },
    required: true,
    want: 'value Kind @default(one)',
  },
  {
    name: 'a default of a string',
    given: { type: 'string', maxLength: 9, 'x-entity': { default: 'a"b' } },
    want: 'value String? @default("a\\"b") @db.VarChar(9)',
  },
  {
    name: 'a default of a number',
    given: { type: 'integer', 'x-entity': { default: 0 } },
    required: true,
    want: 'value Int @default(0)',
  },
  {
    name: 'a function as a default',
    given: { type: 'string', format: 'date-time', 'x-entity': { default: 'now()' } },
    required: true,
    want: 'value DateTime @default(now()) @db.Timestamptz(3)',
  },
  { name: 'a property that is not stored', given: { type: 'string', 'x-entity': { omit: true } }, want: undefined },
]

describe('a column for', () => {
  test.each(FIELDS)('$name', ({ given, required = false, want }) => {
    expect(field(given, required)).toBe(want)
  })
})

test('enums are written once, with a member for each value', () => {
  const text = rendered({ properties: { id: ref('Id'), a: ref('Kind'), b: ref('Kind') } })
  expect(text.slice(text.indexOf('enum'))).toBe(`enum Kind {
  one
  v_2nd @map("2nd")
  iOS

  @@map("kind")
}
`)
})

const REFUSED: { name: string; given: SchemaObject; extensions?: unknown; want: string }[] = [
  { name: 'a key that it does not have', given: { properties: {} }, want: 'Thing: id is no column of it' },
  {
    name: 'a schema without a type',
    given: { properties: { id: ref('Id'), value: {} } },
    want: 'Thing.value: its schema gives no column type',
  },
  {
    name: 'an omission of nothing',
    given: {
      properties: { id: ref('Id') },
      'x-entity': { model: 'Thing', table: 'things', key: ['id'], omit: ['other'] },
    },
    want: 'Thing: omits other, which it does not have',
  },
  {
    name: 'a column that both say',
    given: { properties: { id: ref('Id') } },
    extensions: { Thing: { last: { id: 'Int' } } },
    want: "Thing: extensions.yaml repeats the contract's id",
  },
  {
    name: 'an extension of no model',
    given: { properties: { id: ref('Id') } },
    extensions: { Other: {} },
    want: 'extensions.yaml: no schema is stored as Other',
  },
  {
    name: 'an extension with an unknown part',
    given: { properties: { id: ref('Id') } },
    extensions: { Thing: { columns: {} } },
    want: 'Thing has first, last and attributes, not columns',
  },
]

describe('a model is refused with', () => {
  test.each(REFUSED)('$name', ({ given, extensions, want }) => {
    expect(() => rendered(given, extensions)).toThrow(want)
  })
})
