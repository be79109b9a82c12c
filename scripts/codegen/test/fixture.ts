/** A small contract that has one of everything, for the tests of the targets. */
import type { ErrorGroup, EventGroup } from '../catalogues.js'
import type { OpenApiDocument, Response } from '../document.js'
import type { StorageExtensions } from '../prisma/extensions.js'
import type { Schema } from '../schema/keywords.js'
import type { Source } from '../source.js'

const json = (schema: Schema) => ({ 'application/json': { schema } })
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const ok = (name: string): Response => ({ description: 'Done.', content: json(ref(name)) })

export const document: OpenApiDocument = {
  openapi: '3.1.0',
  info: { title: 'Fixture', version: '1.2.3' },
  tags: [{ name: 'Pets' }, { name: 'Keepers' }, { name: 'Hooks' }],
  paths: {
    '/pets/get/': {
      parameters: [{ name: 'pet_id', in: 'query', required: true, schema: ref('PetId') }],
      get: {
        operationId: 'getPet',
        summary: 'Get a pet',
        tags: ['Pets'],
        'x-audience': ['vendor', 'platform'],
        security: [{ oauth2: ['pets:read'] }, { oauth2: ['pets:write'] }],
        parameters: [
          { name: 'limit', in: 'query', description: 'How many toys.', schema: { type: 'integer', maximum: 9 } },
        ],
        responses: { '200': ok('Pet'), '404': { $ref: '#/components/responses/NotFound' } },
      },
    },
    '/pets/': {
      post: {
        operationId: 'createPet',
        summary: 'Create a pet',
        tags: ['Pets'],
        'x-audience': ['vendor'],
        'x-tract-extension': true,
        'x-idempotent': true,
        security: [{ oauth2: ['pets:write'] }],
        parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
        requestBody: { required: true, content: json(ref('Pet')) },
        responses: { '200': ok('Pet') },
      },
    },
    '/pet/': {
      post: {
        operationId: 'createPetAlias',
        tags: ['Pets'],
        'x-audience': ['vendor'],
        'x-alias-of': 'createPet',
        security: [{ oauth2: ['pets:write'] }],
        requestBody: { required: true, content: json(ref('Pet')) },
        responses: { '200': ok('Pet') },
      },
    },
    '/keepers/token': {
      post: {
        operationId: 'issueToken',
        tags: ['Keepers'],
        'x-audience': ['platform'],
        security: [],
        requestBody: {
          required: true,
          content: {
            'application/x-www-form-urlencoded': {
              schema: { type: 'object', properties: { code: { type: 'string' } } },
            },
          },
        },
        responses: { '200': ok('Mood') },
      },
    },
  },
  webhooks: {
    'pet.fed': {
      post: {
        operationId: 'onPetFed',
        summary: 'A pet was fed',
        tags: ['Hooks'],
        'x-audience': ['vendor'],
        requestBody: { required: true, content: json(ref('Pet')) },
        responses: { '200': ok('Success') },
      },
    },
  },
  components: {
    schemas: {
      ErrorCode: { type: 'string', 'x-extensible-enum': ['pet_not_found', 'pet_asleep'] },
      Error: { type: 'object', required: ['code'], properties: { code: ref('ErrorCode') } },
      ListenerKind: { type: 'string', enum: ['desk', 'bot'] },
      Meal: {
        type: 'object',
        description: 'What was eaten.',
        required: ['food'],
        properties: { food: { type: 'string', description: 'Its name.' } },
      },
      Mood: { type: 'string', enum: ['glad', 'sad'] },
      Pet: {
        description: 'A pet.',
        type: 'object',
        additionalProperties: false,
        required: ['pet_id', 'born_at', 'mood', 'tags', 'owner'],
        'x-entity': {
          model: 'Pet',
          table: 'pets',
          key: ['zoo_id', 'pet_id'],
          indexes: [['born_at']],
          unique: [['name']],
          omit: ['toys'],
        },
        properties: {
          pet_id: ref('PetId'),
          name: { description: 'What it is called.', type: 'string', maxLength: 64 },
          born_at: { type: 'string', format: 'date-time' },
          mood: { ...ref('Mood'), 'x-entity': { default: 'glad' } },
          tags: { type: 'array', items: { type: 'string' } },
          toys: { type: 'array', items: ref('Pet') },
          owner: { oneOf: [ref('PetId'), { type: 'null' }] },
        },
      },
      PetId: { type: 'string', format: 'uuid' },
      Success: { type: 'object', required: ['success'], properties: { success: { type: 'boolean', const: true } } },
    },
    responses: {
      NotFound: { description: 'No such pet.', 'x-error-codes': ['pet_not_found'], content: json(ref('Error')) },
    },
    parameters: {
      IdempotencyKey: { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } },
    },
    securitySchemes: {
      oauth2: {
        type: 'oauth2',
        flows: {
          clientCredentials: {
            scopes: { 'pets:read': 'See pets.', 'pets:write': 'Keep pets.', 'pets:admin': 'Sell pets.' },
          },
        },
      },
    },
  },
}

export const errors: ErrorGroup[] = [
  { group: 'Pets', errors: [{ code: 'pet_not_found', status: 404, description: 'There is no | such pet.' }] },
  { group: 'Sleep', errors: [{ code: 'pet_asleep', status: 409, description: "It's asleep." }] },
]

export const events: EventGroup[] = [
  {
    type: 'pet',
    description: 'What happens to a pet.',
    subtypes: [
      {
        subtype: 'fed',
        description: 'It was fed.',
        senders: ['tract', 'desk'],
        effect: 'None.',
        metadata: ref('Meal'),
        extension: true,
      },
    ],
  },
]

const storage: StorageExtensions = {
  Pet: { first: { zoo_id: 'String @db.Uuid' }, last: { secret: 'Bytes?' }, attributes: ['@@index([mood, born_at])'] },
}

export const source: Source = { document, errors, events, storage }
