import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Schema } from '../schema/keywords.js'
import { typesOf } from '../targets/types.js'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

const TABLE: [name: string, given: Schema, want: string][] = [
  ['anything', true, 'unknown'],
  ['nothing', false, 'never'],
  ['an empty schema', {}, 'unknown'],
  ['string', { type: 'string', maxLength: 3, format: 'uuid' }, 'string'],
  ['integer', { type: 'integer', minimum: 1 }, 'number'],
  ['boolean', { type: 'boolean' }, 'boolean'],
  ['null', { type: 'null' }, 'null'],
  ['several types', { type: ['string', 'integer', 'number', 'null'] }, 'string | number | null'],
  ['const', { type: 'string', const: "it's" }, '"it\'s"'],
  ['a const that is an object', { const: { a: [1, null] } }, '{ a: [ 1, null ]; }'],
  ['enum', { enum: ['a', 1, true, null] }, '"a" | 1 | true | null'],
  ['a reference', { ...ref('User'), description: 'one of them' }, 'User'],
  ['a nullable reference', { oneOf: [ref('User'), { type: 'null' }] }, 'User | null'],
  ['anyOf with anything', { anyOf: [ref('User'), {}] }, 'User | unknown'],
  ['allOf', { allOf: [ref('A'), { oneOf: [ref('B'), ref('C')] }] }, 'A & (B | C)'],
  ['alternatives of a bare object', { type: 'object', oneOf: [ref('A'), ref('B')] }, 'A | B'],
  [
    'alternatives beside properties',
    { type: 'object', properties: { a: {} }, oneOf: [ref('B'), ref('C')] },
    '{ a?: unknown; } & (B | C)',
  ],
  ['what only a validator sees', { not: { const: 1 }, type: 'number', multipleOf: 2 }, 'number'],
  ['array', { type: 'array', items: { type: 'string' } }, 'string[]'],
  ['array of a union', { type: 'array', items: { type: ['string', 'null'] } }, '(string | null)[]'],
  [
    'array of objects, one holding a union',
    {
      type: 'array',
      items: { type: 'object', required: ['a'], properties: { a: { type: ['string', 'null'] } } },
    },
    '{ a: string | null; }[]',
  ],
  ['array of anything', { type: 'array' }, 'unknown[]'],
  ['bare object', { type: 'object' }, 'Record<string, unknown>'],
  ['dictionary', { type: 'object', additionalProperties: ref('User') }, '{ [key: string]: User; }'],
  [
    'patterns',
    { type: 'object', patternProperties: { '^x': { type: 'string' } }, additionalProperties: false },
    '{ [key: string]: string; }',
  ],
  [
    'required and optional properties',
    { type: 'object', required: ['a'], properties: { a: { type: 'string' }, 'b-c': { type: 'number' } } },
    '{ a: string; "b-c"?: number; }',
  ],
  [
    'closed object',
    { type: 'object', additionalProperties: false, properties: { a: { type: 'string' } } },
    '{ a?: string; }',
  ],
  [
    'open object that says so',
    { type: 'object', additionalProperties: true, properties: { a: { type: 'string' } } },
    '{ a?: string; } & { [key: string]: unknown; }',
  ],
  ['properties without a type', { properties: { a: ref('A') } }, '{ a?: A; }'],
  ['an enumeration that may grow', { type: 'string', 'x-extensible-enum': ['a', 'b'] }, '"a" | "b" | (string & {})'],
  ['a const null', { type: 'object', properties: { a: { const: null } } }, '{ a?: null; }'],
  [
    'a default, which its caller may leave out',
    { type: 'object', properties: { a: { type: 'integer', default: 5 } } },
    '{ a?: number; }',
  ],
  [
    'descriptions',
    {
      type: 'object',
      properties: {
        a: { type: 'string', description: 'One.\n*/ Two.', deprecated: true },
        b: { description: "b's", type: 'null' },
      },
    },
    "{ /** * One. * *\\/ Two. * @deprecated */ a?: string; /** b's */ b?: null; }",
  ],
]

let made: Record<string, string>

beforeAll(async () => {
  const components = Object.fromEntries(['A', 'B', 'C', 'User'].map((name) => [name, { type: 'string' }]))
  const given = Object.fromEntries(TABLE.map(([, given], index) => [`Type${index}`, given]))
  const text = await typesOf({ ...components, ...given })
  made = Object.fromEntries(
    [...text.matchAll(/^export type (\w+) = ([\s\S]*?);\n$/gm)].map(([, name, type]) => [name, type]),
  )
})

describe('the type of', () => {
  test.each(TABLE.map(([name, , want], index) => [name, index, want] as const))('%s', (_, index, want) => {
    expect(made[`Type${index}`]?.replaceAll(/\n */g, ' ')).toBe(want)
  })
})
