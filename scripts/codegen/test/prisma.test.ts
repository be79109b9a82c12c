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

const FIELDS: [name: string, given: Schema, want: string | undefined, required?: boolean][] = [
  ['an optional string', { type: 'string' }, 'value String?'],
  ['a required string', { type: 'string' }, 'value String', true],
  ['a required string that may be null', { type: ['string', 'null'] }, 'value String?', true],
  ['a limited string', { type: 'string', maxLength: 64 }, 'value String @db.VarChar(64)', true],
  ['a uuid', ref('Id'), 'value String @db.Uuid', true],
  ['a time', { type: 'string', format: 'date-time', maxLength: 24 }, 'value DateTime? @db.Timestamptz(3)'],
  ['an integer', { type: 'integer' }, 'value Int', true],
  ['a large integer', { type: 'integer', format: 'int64' }, 'value BigInt', true],
  ['a number', { type: 'number' }, 'value Float', true],
  ['a boolean', { type: 'boolean' }, 'value Boolean', true],
  ['an object', { type: 'object' }, 'value Json? @db.JsonB'],
  ['alternatives', ref('Element'), 'value Json @db.JsonB', true],
  ['a nullable reference', { oneOf: [ref('Id'), { type: 'null' }] }, 'value String? @db.Uuid', true],
  ['an enum', ref('Kind'), 'value Kind', true],
  ['an enum by another name', ref('Named'), 'value Kind', true],
  ['an enum on the spot', { type: 'string', enum: ['a'] }, 'value ThingValue?'],
  ['strings', { type: 'array', items: { type: 'string' } }, 'value String[]'],
  ['names of an enum', { type: 'array', items: ref('Kind') }, 'value String[]', true],
  ['objects', { type: 'array', items: { type: 'object' } }, 'value Json @db.JsonB', true],
  ['another type', { ...ref('Id'), 'x-entity': { type: 'Int' } }, 'value Int', true],
  ['another native type', { type: 'integer', 'x-entity': { db: 'SmallInt' } }, 'value Int @db.SmallInt', true],
  ['another column', { type: 'integer', 'x-entity': { column: 'amount' } }, 'value Int @map("amount")', true],
  ['a default of an enum', { ...ref('Kind'), 'x-entity': { default: 'one' } }, 'value Kind @default(one)', true],
  [
    'a default of a string',
    { type: 'string', maxLength: 9, 'x-entity': { default: 'a"b' } },
    'value String? @default("a\\"b") @db.VarChar(9)',
  ],
  ['a default of a number', { type: 'integer', 'x-entity': { default: 0 } }, 'value Int @default(0)', true],
  [
    'a function as a default',
    { type: 'string', format: 'date-time', 'x-entity': { default: 'now()' } },
    'value DateTime @default(now()) @db.Timestamptz(3)',
    true,
  ],
  ['a property that is not stored', { type: 'string', 'x-entity': { omit: true } }, undefined],
]

describe('a column for', () => {
  test.each(FIELDS)('%s', (_, given, want, required = false) => {
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

const REFUSED: [name: string, given: SchemaObject, want: string, extensions?: unknown][] = [
  ['a key that it does not have', { properties: {} }, 'Thing: id is no column of it'],
  [
    'a schema without a type',
    { properties: { id: ref('Id'), value: {} } },
    'Thing.value: its schema gives no column type',
  ],
  [
    'an omission of nothing',
    {
      properties: { id: ref('Id') },
      'x-entity': { model: 'Thing', table: 'things', key: ['id'], omit: ['other'] },
    },
    'Thing: omits other, which it does not have',
  ],
  [
    'a column that both say',
    { properties: { id: ref('Id') } },
    "Thing: extensions.yaml repeats the contract's id",
    { Thing: { last: { id: 'Int' } } },
  ],
  [
    'an extension of no model',
    { properties: { id: ref('Id') } },
    'extensions.yaml: no schema is stored as Other',
    { Other: {} },
  ],
  [
    'an extension with an unknown part',
    { properties: { id: ref('Id') } },
    'Thing has first, last and attributes, not columns',
    { Thing: { columns: {} } },
  ],
]

describe('a model is refused with', () => {
  test.each(REFUSED)('%s', (_, given, want, extensions = {}) => {
    expect(() => rendered(given, extensions)).toThrow(want)
  })
})
