import { expectFindings, getUser, receive, schemas } from './lint-fixture.js'

// Redocly's own rules, where the contract leans on their working for 3.1 and for hooks.
expectFindings({
  'no-invalid-media-type-examples': [
    [
      'a request example breaks its schema',
      (d) => {
        getUser(d).requestBody.content['application/json'].examples.user.value = { user_id: 1 }
      },
      'type must be string',
    ],
    [
      'a shared example breaks its schema',
      (d) => {
        d.components.examples.User.value = { user_name: 'Asha' }
      },
      "must have required property 'user_id'",
    ],
    [
      "a hook's example breaks its schema",
      (d) => delete receive(d).requestBody.content['application/json'].examples.text.value.sender,
      "must have required property 'sender'",
    ],
    [
      "a hook's answer example breaks its schema",
      (d) => {
        receive(d).responses['200'].content['application/json'].examples.yes.value.success = 'yes'
      },
      'type must be boolean',
    ],
    [
      'an example has a field of no schema',
      (d) => {
        receive(d).requestBody.content['application/json'].examples.text.value.mood = 1
      },
      '`mood`',
    ],
    [
      'an error example breaks its schema',
      (d) => {
        d.components.responses.Forbidden.content['application/json'].example = { error: 'No.', code: 'odd' }
      },
      'must be equal to one of the allowed values',
    ],
  ],
  'no-invalid-schema-examples': [
    [
      "a schema's example breaks it",
      (d) => {
        schemas(d).UserId.examples = [7]
      },
      'type must be string',
    ],
  ],
  'no-invalid-parameter-examples': [
    [
      "a parameter's example breaks it",
      (d) => {
        getUser(d).parameters[0].example = 7
      },
      'type must be string',
    ],
  ],
  'operation-operationId-unique': [
    [
      "a hook has an operation's name",
      (d) => {
        receive(d).operationId = 'getUser'
      },
      'unique `operationId`',
    ],
  ],
  'operation-description': [['a hook has no description', (d) => delete receive(d).description, 'description']],
  'operation-summary': [['a hook has no summary', (d) => delete receive(d).summary, 'summary']],
  'security-defined': [['a hook has no security', (d) => delete receive(d).security, 'should have security defined']],
  'security-scopes-defined': [
    [
      'a scope is unknown',
      (d) => {
        getUser(d).security = [{ oauth2: ['users:write'] }]
      },
      'users:write',
    ],
  ],
})
