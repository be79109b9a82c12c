/** What the service refuses of the text of a request, both published documents refuse as well: every string of every example is broken in turn. */
import { expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { publishedDocument } from '../../src/api/documents/published.js'

// biome-ignore lint/suspicious/noExplicitAny: documents and bodies are JSON of every shape
type Json = any

/** Neither can be stored. */
const BROKEN = ['a\u0000b', 'a\ud800b']

/** A copy for each string, with that string broken; what stands in an open object (`metadata`, `details`) no schema describes. */
function brokenCopies(body: Json): [path: string, copy: Json][] {
  return Object.entries<Json>(body).flatMap(([name, value]) => {
    if (typeof value === 'string')
      return BROKEN.map((broken): [string, Json] => [`/${name}`, { ...body, [name]: broken }])
    if (!Array.isArray(value)) return []
    return value.flatMap((item, index) =>
      typeof item === 'string'
        ? BROKEN.map((broken): [string, Json] => [`/${name}/${index}`, { ...body, [name]: value.with(index, broken) }])
        : [],
    )
  })
}

const cases = (['vendor', 'platform'] as const).flatMap((audience) => {
  const document: Json = JSON.parse(publishedDocument(audience))
  const ajv = addFormats.default(new Ajv2020({ strict: false }))
  ajv.addSchema(document, 'published')
  return Object.entries<Json>(document.paths).flatMap(([path, item]) =>
    Object.entries<Json>(item).flatMap(([method, { operationId, requestBody }]) =>
      Object.entries<Json>(requestBody?.content ?? {}).map(([media, { examples }]) => {
        const at = [path, media].map((segment) =>
          encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1')),
        )
        const $ref = `published#/paths/${at[0]}/${method}/requestBody/content/${at[1]}/schema`
        const bodies = Object.values<Json>(examples).map(({ value }) => value)
        return { name: `${audience} ${operationId}`, validate: ajv.compile({ $ref }), bodies }
      }),
    ),
  )
})

test('the documents have operations with bodies', () => expect(cases.length).toBeGreaterThan(40))

test.each(cases)('$name', ({ validate, bodies }) => {
  for (const body of bodies) {
    expect([validate(body), validate.errors]).toEqual([true, null])
    for (const [path, copy] of brokenCopies(body)) expect([path, validate(copy)]).toEqual([path, false])
  }
})

const sent: [operation: string, body: Json][] = [
  ['registerHook', { category: 'message', subcategory: 'recieve', url: 'https://desk.example.com/' }],
  ['registerHook', { category: 'aeu_events', subcategory: 'receive', url: 'https://desk.example.com/' }],
  ['registerHook', { category: 'message', subcategory: 'receive', url: 'https:///etc' }],
  ['registerHook', { category: 'message', subcategory: 'receive', url: 'https://desk.example.com/a b' }],
  ['sendEvent', { user_id: '1', type: 'agent_events', subtype: 'allocated' }],
  ['sendEvent', { user_id: '1', type: 'aeu_events', subtype: 'arrived' }],
  ['sendPlatformEvent', { user_id: '1', type: 'message', subtype: 'read' }],
  ['sendPlatformEvent', { user_id: '1', type: 'message', subtype: 'read', metadata: '' }],
  ['createClient', { name: 'A', scopes: ['hooks'], jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }] } }],
  ['createClient', { name: 'A', scopes: ['hooks'], jwks: { keys: [{ kty: 'oct', k: 'AA' }] } }],
  ['createClient', { name: 'A', scopes: ['hooks'], jwks: { keys: [{ kty: 'RSA', n: 'AA', e: 'AQAB' }] } }],
  ['issueToken', { grant_type: 'password' }],
]

test.each(sent)('platform %s refuses %j', (operation, body) => {
  const found = cases.find(({ name }) => name === `platform ${operation}`)
  expect(found?.validate(body)).toBe(false)
})
