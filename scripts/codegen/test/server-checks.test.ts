/** The server's own checks are rules of the published schemas, for every string and every name. */
import { expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { OpenApiDocument } from '../document.js'
import { publish } from '../publish.js'
import { document } from './fixture.js'

const text = '^[^\\u0000\\uD800-\\uDFFF]*$'
const named = (first: readonly string[], second: readonly string[]) => ({
  type: 'object',
  'x-names': ['type', 'subtype'],
  properties: {
    type: { type: 'string', 'x-refused-with': 'pet_not_found', enum: first },
    subtype: { type: 'string', 'x-refused-with': 'pet_not_found', enum: second },
    note: { type: ['string', 'null'] },
    id: { type: 'string', format: 'uuid' },
    short: { type: 'string', pattern: '^a$' },
  },
  example: { note: { type: 'string' } },
})

function published(schema: object): OpenApiDocument {
  const given = structuredClone(document)
  const fed = given.webhooks?.['pet.fed'] ?? {}
  const extra = { 'x-text': text, webhooks: { 'pet.fed': fed, 'pet.asleep': fed, 'owner.fed': fed } }
  const body = { content: { 'application/json': { schema } } }
  const operation = { operationId: 'send', 'x-audience': ['vendor'], requestBody: body, responses: {} }
  return publish({ ...given, ...extra, paths: { '/send/': { post: operation } } } as OpenApiDocument, 'vendor')
}

const schemaOf = (schema: object) =>
  JSON.parse(JSON.stringify(published(schema))).paths['/send/'].post.requestBody.content['application/json'].schema

test('text that cannot be stored is refused where nothing else says what a string may be', () => {
  const { properties, example } = schemaOf(named(['pet', 'owner'], ['fed', 'asleep']))
  expect(properties.note).toEqual({ type: ['string', 'null'], pattern: text })
  expect([properties.id, properties.short]).toEqual([
    { type: 'string', format: 'uuid' },
    { type: 'string', pattern: '^a$' },
  ])
  expect(example).toEqual({ note: { type: 'string' } })
})

test.each([
  ['pet', 'fed', true],
  ['pet', 'asleep', true],
  ['owner', 'fed', true],
  ['owner', 'asleep', false],
  ['dog', 'fed', false],
  ['pet', 'lost', false],
])('%s.%s is a name: %s', (type, subtype, isName) => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    schemaOf(named(['pet', 'owner'], ['fed', 'asleep'])),
  )
  expect(validate({ type, subtype })).toBe(isName)
})

test('what a component is only answered with stays as it is', () => {
  const given = published(named(['pet', 'owner'], ['fed', 'asleep']))
  expect(JSON.stringify(given.components)).not.toContain('uD800')
})

test('an enumeration that misses a name, or has one that is none, is refused', () => {
  expect(() => schemaOf(named(['pet'], ['fed', 'asleep']))).toThrow(
    '`type` does not list what the webhooks are called: owner',
  )
  expect(() => schemaOf(named(['pet', 'owner'], ['fed', 'asleep', 'lost']))).toThrow(
    '`subtype` does not list what the webhooks are called: lost',
  )
})
