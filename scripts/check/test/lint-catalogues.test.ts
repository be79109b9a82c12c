import { event, expectFindings, getUser, payload, receive, schemas, token } from './lint-fixture.js'

// What the contract has to say, by the tables that say so: the source's fields, errors.yaml, events.yaml.
expectFindings({
  'tract/source-fields': [
    [
      'an operation of the source is gone',
      (d) => delete d.paths['/tract/user/'],
      "The source's post /tract/user/ is missing.",
    ],
    ['a hook is gone', (d) => delete d.webhooks['message.receive'], "The source's hook message.receive is missing."],
    [
      'an event is gone',
      (d) => delete d.webhooks['conversation_state.bot'],
      "The source's hook conversation_state.bot is missing.",
    ],
    [
      'a field is gone',
      (d) => delete payload(receive(d)).properties.metadata,
      'request field `metadata` .* is missing',
    ],
    [
      'a field is gone from one alternative',
      (d) => delete schemas(d).User.properties.user_name,
      "`user_name` of the source's \\*Get user\\* is missing",
    ],
    [
      'an alternative is gone',
      (d) => getUser(d).requestBody.content['application/json'].schema.oneOf.pop(),
      '`details_requested` .* is missing',
    ],
    [
      'a field has another type',
      (d) => {
        payload(receive(d)).properties.message_body.type = 'string'
      },
      '`message_body` .* has to be dict, not str',
    ],
    [
      'a field may be null',
      (d) => {
        payload(receive(d)).properties.metadata.type = ['object', 'null']
      },
      '`metadata` .* has to be dict, not null or object',
    ],
    [
      'a list has other items',
      (d) => {
        schemas(d).User.properties.details_available.items.type = 'object'
      },
      'has to be List\\[str\\], not List\\[dict\\]',
    ],
    [
      'an optional field is required',
      (d) => schemas(d).User.required.push('user_name'),
      '`user_name` .* has to be optional',
    ],
    ['a required field is optional', (d) => payload(receive(d)).required.shift(), '`user_id` .* has to be required'],
    [
      "the appendix's values are not all there",
      (d) => payload(receive(d)).properties.sender.enum.pop(),
      '`sender` .* has to be one of ceu, iva, haptik, ect, aeu',
    ],
    [
      'a field of ours is not marked',
      (d) => delete payload(receive(d)).properties.message_id['x-tract-extension'],
      'field `message_id` is not in the source: mark it',
    ],
    [
      'a field of the source is marked',
      (d) => {
        payload(receive(d)).properties.sender['x-tract-extension'] = true
      },
      '`sender` .* is marked as an extension',
    ],
    [
      'a parameter is not marked',
      (d) => delete getUser(d).parameters[0]['x-tract-extension'],
      'parameter `Idempotency-Key` is not in the source: mark it',
    ],
    [
      'a parameter is required of an ECT',
      (d) => {
        getUser(d).parameters[0].required = true
      },
      'parameter `Idempotency-Key` is an extension and may not be required',
    ],
    [
      'a field of ours is required of an ECT',
      (d) => {
        const answer = event(d).responses['200'].content['application/json'].schema
        answer.properties.success = { description: 'Is it.', type: 'boolean', 'x-tract-extension': true }
        answer.required = ['success']
      },
      'field `success` is an extension and may not be required',
    ],
    [
      'an operation of ours is not marked',
      (d) => delete token(d)['x-tract-extension'],
      'POST /platform/token/: it is not in the source: mark it',
    ],
    [
      'an operation of the source is marked',
      (d) => {
        getUser(d)['x-tract-extension'] = true
      },
      "it is the source's, so it is no extension",
    ],
    [
      'an operation of the source is hidden from vendors',
      (d) => {
        getUser(d)['x-audience'] = ['platform']
      },
      'has to name `vendor`',
    ],
  ],
  'tract/error-codes': [
    [
      'an answer lists no code',
      (d) => delete d.components.responses.Forbidden['x-error-codes'],
      '403 has no `x-error-codes`',
    ],
    [
      'an answer lists an unknown code',
      (d) => {
        d.components.responses.Forbidden['x-error-codes'] = ['not_you']
      },
      'lists `not_you`, which errors.yaml does not have',
    ],
    [
      'an answer lists a code of another status',
      (d) => {
        d.components.responses.Forbidden['x-error-codes'] = ['too_large']
      },
      'lists `too_large`, whose status is 413',
    ],
    [
      'the body does not admit a code',
      (d) => schemas(d).Error.properties.code.enum.pop(),
      'does not admit unavailable',
    ],
    [
      'the body admits an unknown code',
      (d) => schemas(d).Error.properties.code.enum.push('odd'),
      'admits odd, which errors.yaml does not have',
    ],
    [
      'a code stands twice in the table',
      (_, c) => c.errors[0].errors.push(c.errors[0].errors[0]),
      'has `invalid_request` twice',
    ],
    [
      'a code is not snake_case',
      (_, c) => {
        c.errors[0].errors[0].code = 'invalidRequest'
      },
      '`invalidRequest` has to be snake_case',
    ],
    [
      'a code has no description',
      (_, c) => delete c.errors[0].errors[0].description,
      '`invalid_request` has no description',
    ],
  ],
  'tract/event-catalogue': [
    [
      'an event has no hook',
      (_, c) => c.events[1].subtypes.push({ subtype: 'waiting', senders: ['tract'] }),
      'conversation_state.waiting, which is no webhook',
    ],
    ['a hook has no event', (_, c) => c.events.shift(), 'hook message.receive: events.yaml does not have it'],
    [
      'a hook and its event disagree on the mark',
      (_, c) => {
        c.events[0].subtypes[0].extension = true
      },
      'events.yaml says that it is an extension',
    ],
    [
      'an event stands twice',
      (_, c) => c.events[0].subtypes.push(c.events[0].subtypes[0]),
      'has message.receive twice',
    ],
    [
      'an event has a strange sender',
      (_, c) => c.events[0].subtypes[0].senders.push('vendor'),
      'message.receive needs senders out of',
    ],
    [
      'an example is of another event',
      (d) => {
        event(d).requestBody.content['application/json'].examples.bot.value.subtype = 'pinned'
      },
      'an example is of conversation_state.pinned',
    ],
  ],
})
