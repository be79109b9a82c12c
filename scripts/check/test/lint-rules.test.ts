import { expect, test } from '@jest/globals'
import { expectFindings, getUser, lint, payload, receive, schemas, token } from './lint-fixture.js'

test('a contract without a fault has no finding', async () => {
  expect(await lint()).toEqual([])
})

expectFindings({
  'rule/operation-name': [
    [
      'an operationId is not camelCase',
      (d) => {
        getUser(d).operationId = 'get_user'
      },
      'operationId has to be camelCase: "get_user"',
    ],
  ],
  'rule/one-tag': [
    [
      'an operation has no tag',
      (d) => {
        receive(d).tags = []
      },
      'exactly one tag',
    ],
    [
      'an operation has two tags',
      (d) => {
        receive(d).tags = ['Users', 'Users']
      },
      'exactly one tag',
    ],
  ],
  'rule/audience': [
    ['an operation has no audience', (d) => delete receive(d)['x-audience'], '`x-audience` has to list'],
    [
      'an audience is unknown',
      (d) => {
        receive(d)['x-audience'] = ['vendor', 'public']
      },
      '`x-audience` has to list',
    ],
    [
      'an audience is named twice',
      (d) => {
        receive(d)['x-audience'] = ['vendor', 'vendor']
      },
      '`x-audience` has to list',
    ],
  ],
  'rule/body-example': [
    [
      'a request has no example',
      (d) => delete token(d).requestBody.content['application/x-www-form-urlencoded'].examples,
      'A body has no example',
    ],
    [
      'an answer has no example',
      (d) => delete getUser(d).responses['200'].content['application/json'].examples,
      'A body has no example',
    ],
    [
      'a hook has no example',
      (d) => delete receive(d).requestBody.content['application/json'].examples,
      'A body has no example',
    ],
  ],
  'rule/answers-with-a-token': [
    ['a secured operation has no 401', (d) => delete getUser(d).responses['401'], '401 is required'],
  ],
  'rule/answers-with-a-body': [
    ['an operation with a body has no 413', (d) => delete token(d).responses['413'], '413 is required'],
  ],
  'rule/answers-with-a-key': [
    ['an idempotent operation has no 422', (d) => delete getUser(d).responses['422'], '422 is required'],
  ],
  'tract/error-answers': [
    [
      'the key is taken and not promised',
      (d) => delete getUser(d)['x-idempotent'],
      '`x-idempotent: true` and the `Idempotency-Key` parameter',
    ],
    [
      'the key is promised and not taken',
      (d) => delete getUser(d).parameters,
      '`x-idempotent: true` and the `Idempotency-Key` parameter',
    ],
    [
      'an error has no body',
      (d) => delete d.components.responses.Forbidden.content,
      '403 does not have the error body',
    ],
    ['an error has another body', (d) => schemas(d).Error.required.shift(), '403 does not have the error body'],
  ],
  'rule/one-type-of-values': [
    [
      'an enumeration has values of several types',
      (d) => {
        schemas(d).User.properties.mood = { description: 'A mood.', enum: [1, true, 'true'] }
      },
      'Values of several types are an `anyOf`',
    ],
  ],
  'rule/one-type': [
    [
      'a field may be of several types',
      (d) => {
        schemas(d).User.properties.mood = { description: 'A mood.', type: ['number', 'string', 'null'] }
      },
      'A value of several types is an `anyOf`',
    ],
  ],
  'tract/descriptions': [
    [
      'a property has no description',
      (d) => delete schemas(d).User.properties.user_name.description,
      '`user_name` has no description',
    ],
    ['a shared schema has no description', (d) => delete schemas(d).UserId.description, '`user_id` has no description'],
    [
      "a hook's property has no description",
      (d) => delete payload(receive(d)).properties.sender.description,
      '`sender` has no description',
    ],
  ],
  'rule/header-description': [
    [
      'a header has no description',
      (d) => delete getUser(d).responses['200'].headers['Idempotency-Replayed'].description,
      'A header has no description',
    ],
  ],
  'tract/bounded-input': [
    ['a string has no limit', (d) => delete schemas(d).UserId.maxLength, '`user_id` has no `maxLength`'],
    [
      'a list has no limit',
      (d) => delete schemas(d).UserDetailsRequest.properties.details_requested.maxItems,
      '`details_requested` has no `maxItems`',
    ],
    [
      'an item has no limit',
      (d) => delete schemas(d).UserDetailsRequest.properties.details_requested.items.maxLength,
      '`details_requested\\[\\]` has no `maxLength`',
    ],
    [
      'a header has no limit',
      (d) => delete getUser(d).parameters[0].schema.maxLength,
      '`Idempotency-Key` has no `maxLength`',
    ],
    [
      "a limit is over the contract's",
      (d) => {
        schemas(d).UserId.maxLength = 256
      },
      "`user_id` may be 256 long; the contract's limit is 128",
    ],
  ],
  'tract/strict-bodies': [
    ['a body is open', (d) => delete schemas(d).UserRequest.additionalProperties, 'A request body has to be closed'],
    [
      'a body is open on purpose',
      (d) => {
        schemas(d).UserRequest.additionalProperties = true
      },
      'A request body has to be closed',
    ],
    [
      'an object within does not say',
      (d) => {
        schemas(d).UserRequest.properties.extra = {
          description: 'More.',
          type: 'object',
          'x-tract-extension': true,
          properties: {},
        }
      },
      'An object in a request has to say whether it is open',
    ],
  ],
  'tract/reference-siblings': [
    [
      'something stands beside a reference',
      (d) => {
        getUser(d).responses['403'].headers = {}
      },
      '`headers` beside `\\$ref` has no effect',
    ],
  ],
  'tract/x-entity': [
    ['the table is missing', (d) => delete schemas(d).User['x-entity'].table, "must have required property 'table'"],
    [
      'the model is not PascalCase',
      (d) => {
        schemas(d).User['x-entity'].model = 'user'
      },
      '/model must match pattern',
    ],
    [
      'a keyword is unknown',
      (d) => {
        schemas(d).User['x-entity'].colour = 'red'
      },
      'must NOT have additional properties \\(colour\\)',
    ],
    [
      'the native type is none',
      (d) => {
        schemas(d).User.properties.user_name['x-entity'].db = 'varchar 256'
      },
      '`x-entity` of a property: /db must match pattern',
    ],
    [
      'what is left out does not exist',
      (d) => {
        schemas(d).User['x-entity'].omit = ['colour']
      },
      '`omit` names `colour`, which is no property',
    ],
    [
      'a key is left out',
      (d) => {
        schemas(d).User['x-entity'].omit = ['user_id']
      },
      '`user_id` is omitted, so it cannot be in a key',
    ],
    [
      'two schemas have one table',
      (d) => {
        schemas(d).UserDetails['x-entity'] = { ...schemas(d).User['x-entity'], model: 'Other', omit: ['details'] }
      },
      'Another schema has the table users too',
    ],
  ],
})
