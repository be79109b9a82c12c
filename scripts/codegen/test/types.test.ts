import { beforeAll, describe, expect, test } from '@jest/globals'
import type { Schema } from '../schema/keywords.js'
import { typesOf } from '../targets/types.js'

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
  { name: 'a const that is an object', given: { const: { a: [1, null] } }, want: '{ a: [ 1, null ]; }' },
  { name: 'enum', given: { enum: ['a', 1, true, null] }, want: '"a" | 1 | true | null' },
  { name: 'a reference', given: { ...ref('User'), description: 'one of them' }, want: 'User' },
  { name: 'a nullable reference', given: { oneOf: [ref('User'), { type: 'null' }] }, want: 'User | null' },
  { name: 'anyOf with anything', given: { anyOf: [ref('User'), {}] }, want: 'User | unknown' },
  { name: 'allOf', given: { allOf: [ref('A'), { oneOf: [ref('B'), ref('C')] }] }, want: 'A & (B | C)' },
  { name: 'alternatives of a bare object', given: { type: 'object', oneOf: [ref('A'), ref('B')] }, want: 'A | B' },
  {
    name: 'alternatives beside properties',
    given: { type: 'object', properties: { a: {} }, oneOf: [ref('B'), ref('C')] },
    want: '{ a?: unknown; } & (B | C)',
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
    want: '{ a: string | null; }[]',
  },
  { name: 'array of anything', given: { type: 'array' }, want: 'unknown[]' },
  { name: 'bare object', given: { type: 'object' }, want: 'Record<string, unknown>' },
  {
    name: 'dictionary',
    given: { type: 'object', additionalProperties: ref('User') },
    want: '{ [key: string]: User; }',
  },
  {
    name: 'patterns',
    given: { type: 'object', patternProperties: { '^x': { type: 'string' } }, additionalProperties: false },
    want: '{ [key: string]: string; }',
  },
  {
    name: 'required and optional properties',
    given: { type: 'object', required: ['a'], properties: { a: { type: 'string' }, 'b-c': { type: 'number' } } },
    want: '{ a: string; "b-c"?: number; }',
  },
  {
    name: 'closed object',
    given: { type: 'object', additionalProperties: false, properties: { a: { type: 'string' } } },
    want: '{ a?: string; }',
  },
  {
    name: 'open object that says so',
    given: { type: 'object', additionalProperties: true, properties: { a: { type: 'string' } } },
    want: '{ a?: string; } & { [key: string]: unknown; }',
  },
  { name: 'properties without a type', given: { properties: { a: ref('A') } }, want: '{ a?: A; }' },
  {
    name: 'an enumeration that may grow',
    given: { type: 'string', 'x-extensible-enum': ['a', 'b'] },
    want: '"a" | "b" | (string & {})',
  },
  { name: 'a const null', given: { type: 'object', properties: { a: { const: null } } }, want: '{ a?: null; }' },
  {
    name: 'a default, which its caller may leave out',
    given: { type: 'object', properties: { a: { type: 'integer', default: 5 } } },
    want: '{ a?: number; }',
  },
  {
    name: 'descriptions',
    given: {
      type: 'object',
      properties: {
        a: { type: 'string', description: 'One.\n*/ Two.', deprecated: true },
        b: { description: "b's", type: 'null' },
      },
    },
    want: "{ /** * One. * *\\/ Two. * @deprecated */ a?: string; /** b's */ b?: null; }",
  },
]

let made: Record<string, string>

beforeAll(async () => {
  const components = Object.fromEntries(['A', 'B', 'C', 'User'].map((name) => [name, { type: 'string' }]))
  const given = Object.fromEntries(TABLE.map(({ given }, index) => [`Type${index}`, given]))
  const text = await typesOf({ ...components, ...given })
  made = Object.fromEntries(
    [...text.matchAll(/^export type (\w+) = ([\s\S]*?);\n$/gm)].map(([, name, type]) => [name, type]),
  )
})

describe('the type of', () => {
  test.each(TABLE.map((row, index) => ({ ...row, index })))('$name', ({ index, want }) => {
    expect(made[`Type${index}`]?.replaceAll(/\n */g, ' ')).toBe(want)
  })
})
