/** What a document may not have: the generators stop instead of leaving it out. */
import { describe, expect, test } from '@jest/globals'
import { checkErrors, checkEvents } from '../catalogues.js'
import type { OpenApiDocument, Operation, PathItem } from '../document.js'
import { operationsOf, webhooksOf } from '../operations.js'
import { events } from '../targets/events.js'
import { operations } from '../targets/operations.js'
import { schemas } from '../targets/schemas.js'
import { document, errors, events as groups } from './fixture.js'

const json = { 'application/json': { schema: { type: 'object' } } }
const EMPTY: OpenApiDocument = { openapi: '3.1.0', info: { title: 'x', version: '1' } }

function withOperation(operation: Operation, path = '/x/'): OpenApiDocument {
  return { ...EMPTY, paths: { [path]: { post: { operationId: 'x', responses: {}, ...operation } } } }
}

function withWebhook(name: string, item: PathItem): OpenApiDocument {
  return { ...EMPTY, webhooks: { [name]: item } }
}

const OPERATIONS: [name: string, given: OpenApiDocument, want: string][] = [
  ['no operationId', { ...EMPTY, paths: { '/x/': { get: {} } } }, 'GET /x/ has no operationId'],
  [
    'an operationId twice',
    { ...EMPTY, paths: { '/x/': { get: { operationId: 'x' }, post: { operationId: 'x' } } } },
    'operationId x stands twice',
  ],
  ['an unknown key', withOperation({ 'x-scopes': [] } as Operation), 'x: unknown key x-scopes'],
  ['an alias of nothing', withOperation({ 'x-alias-of': 'y' }), 'x: y is no operation of its own'],
  ['an alias of itself', withOperation({ 'x-alias-of': 'x' }), 'x: x is no operation of its own'],
  ['a default answer', withOperation({ responses: { default: { description: '' } } }), 'default is no status'],
  ['a range of statuses', withOperation({ responses: { '4XX': { description: '' } } }), '4XX is no status'],
  [
    'an answer of two content types',
    withOperation({ responses: { '200': { description: '', content: { ...json, 'text/html': {} } } } }),
    'an answer has one content type',
  ],
  [
    'a body without a schema',
    withOperation({ requestBody: { required: true, content: { 'application/json': {} } } }),
    'the body of x has no schema',
  ],
  [
    'a body of two shapes',
    withOperation({ requestBody: { content: { ...json, 'text/json': { schema: { type: 'string' } } } } }),
    'the body of x has different schemas',
  ],
  ['a body that may be left out', withOperation({ requestBody: { content: json } }), 'x: its body has to be required'],
  [
    'a parameter that its path lacks',
    withOperation({ parameters: [{ name: 'pet_id', in: 'path', required: true, schema: {} }] }, '/x/{id}/'),
    'x: /x/{id}/ and its parameters differ in id, pet_id',
  ],
  [
    'a reference to nothing',
    withOperation({ responses: { '200': { $ref: '#/components/responses/Gone' } } }),
    '#/components/responses/Gone points at nothing',
  ],
  [
    'a reference out of the bundle',
    withOperation({ responses: { '200': { $ref: 'responses.yaml#/Gone' } } }),
    'points outside the bundled document',
  ],
]

const WEBHOOKS: [name: string, given: OpenApiDocument, want: string][] = [
  ['a name of one part', withWebhook('fed', {}), 'webhook fed is not called category.subcategory'],
  ['another method', withWebhook('a.b', { get: { operationId: 'x' } }), 'a.b has to have a post operation only'],
  ['no payload', withWebhook('a.b', { post: { operationId: 'x' } }), 'the payload of webhook a.b has to be'],
  [
    'a payload that is no component',
    withWebhook('a.b', { post: { operationId: 'x', requestBody: { required: true, content: json } } }),
    'the payload of webhook a.b has to be a reference',
  ],
]

describe('an operation with', () => {
  test.each(OPERATIONS)('%s', (_, given, want) => {
    expect(() => operationsOf(given)).toThrow(want)
  })
})

describe('a webhook with', () => {
  test.each(WEBHOOKS)('%s', (_, given, want) => {
    expect(() => webhooksOf(given)).toThrow(want)
  })
})

describe('the answers of an operation', () => {
  const given = (responses: Operation['responses']) => ({
    document: withOperation({ responses: responses ?? {} }),
    errors,
  })
  const success = { '200': { description: '', content: json } }

  test('without one success', () => {
    const want = 'x: success is answered by 200 with a body, and by nothing else'
    for (const responses of [
      {},
      { '200': { description: '' } },
      { ...success, '201': { description: '', content: json } },
    ])
      expect(() => operations(given(responses))).toThrow(want)
    expect(() => operations(given(success))).not.toThrow()
  })

  test('with an error that has no code', () => {
    const responses = { ...success, '404': { description: '', content: json } }
    expect(() => operations(given(responses))).toThrow('x: 404 needs a body and its error codes')
  })

  test('with a code of another status', () => {
    const responses = { ...success, '404': { description: '', content: json, 'x-error-codes': ['pet_asleep'] } }
    expect(() => operations(given(responses))).toThrow('x: pet_asleep does not come with 404')
  })
})

describe('scopes', () => {
  const securitySchemes = { oauth2: { type: 'oauth2', flows: { clientCredentials: { scopes: { a: 'A', b: 'B' } } } } }

  test('that no scheme declares', () => {
    const given = { ...withOperation({ security: [{ oauth2: ['c'] }] }), components: { securitySchemes } }
    expect(() => operations({ document: given, errors })).toThrow('x: the security scheme oauth2 has no scope c')
  })

  test('that are all needed', () => {
    const given = { ...withOperation({ security: [{ oauth2: ['a', 'b'] }] }), components: { securitySchemes } }
    expect(() => operations({ document: given, errors })).toThrow('x: several scopes in one alternative')
  })

  test('that the component schema lists otherwise', () => {
    const given = { ...EMPTY, components: { securitySchemes, schemas: { Scope: { type: 'string', enum: ['a'] } } } }
    expect(() => operations({ document: given, errors })).toThrow('Scope and the security scheme differ: b')
  })
})

describe('component schemas', () => {
  test.each(['user-id', '1st'])('with the name %s', (name) => {
    expect(() => schemas({ document: { ...EMPTY, components: { schemas: { [name]: {} } } } })).toThrow(
      'no name that a type can have',
    )
  })

  test('with the name of a schema that stands in an operation', () => {
    const parameters = [{ name: 'limit', in: 'query' as const, schema: {} }]
    const given = { ...withOperation({ parameters }), components: { schemas: { XQuery: {} } } }
    expect(() => schemas({ document: given })).toThrow('x: another schema is called XQuery')
  })

  test('with a name that the module needs', () => {
    expect(() => schemas({ document: { ...EMPTY, components: { schemas: { Type: {} } } } })).toThrow(
      'that the generated module uses itself',
    )
  })
})

describe('error codes', () => {
  const [pets, sleep] = errors as [(typeof errors)[number], (typeof errors)[number]]

  test('that the document does not list', () => {
    const extra = { ...sleep, errors: [...sleep.errors, { code: 'pet_lost', status: 404, description: '' }] }
    expect(() => checkErrors([pets, extra], document)).toThrow('in errors.yaml and not in ErrorCode: pet_lost')
  })

  test('that only the document lists', () => {
    expect(() => checkErrors([pets], document)).toThrow('in ErrorCode and not in errors.yaml: pet_asleep')
  })

  test('twice', () => {
    expect(() => checkErrors([pets, sleep, pets], document)).toThrow('error code pet_not_found stands twice')
  })
})

describe('events', () => {
  const [group] = groups as [(typeof groups)[number]]
  const [fed] = group.subtypes as [(typeof group.subtypes)[number]]
  const given = (change: object) => [{ ...group, subtypes: [{ ...fed, ...change }] }]

  test('twice', () => {
    expect(() => checkEvents([...groups, ...groups], document)).toThrow('event pet.fed stands twice')
  })

  test('with a name in another style', () => {
    expect(() => checkEvents(given({ subtype: 'Fed' }), document)).toThrow('pet.Fed: Fed is not snake_case')
  })

  test('without a sender', () => {
    expect(() => checkEvents(given({ senders: [] }), document)).toThrow('pet.fed: it has no sender')
  })

  test('of an unknown sender', () => {
    expect(() => checkEvents(given({ senders: ['cat'] }), document)).toThrow('no kind of listener is called cat')
  })

  test('with metadata that no component describes', () => {
    const metadata = { $ref: '#/components/schemas/Nothing' }
    expect(() => checkEvents(given({ metadata }), document)).toThrow('its metadata schema Nothing is no component')
  })

  test('that no webhook carries', () => {
    expect(() => events({ document: EMPTY, events: groups })).toThrow(
      'in events.yaml and no webhook of the document: pet.fed',
    )
  })

  test('that the catalogue lacks', () => {
    expect(() => events({ document, events: [] })).toThrow('webhooks that events.yaml does not have: pet.fed')
  })
})
