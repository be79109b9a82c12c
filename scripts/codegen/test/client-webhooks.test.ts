/** The hooks as the SDK's receiver gets them, over three hooks; the text stands in want/. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import type { OpenApiDocument, PathItem } from '../document.js'
import type { Schema } from '../schema/keywords.js'
import type { Source } from '../source.js'
import { clientWebhooks } from '../targets/client-webhooks.js'
import { source } from './fixture.js'

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

function hook(payload: string, description: string, example?: object): PathItem {
  const content = { 'application/json': { schema: ref(payload), ...(example && { example }) } }
  return {
    post: {
      operationId: `on${payload}${description.length}`,
      summary: 'A hook',
      description,
      tags: ['Hooks'],
      'x-audience': ['vendor'],
      requestBody: { required: true, content },
      responses: { '200': { description: 'Done.', content: { 'application/json': { schema: ref('Success') } } } },
    },
  }
}

const text: Schema = { type: 'string' }

function given(webhooks: OpenApiDocument['webhooks']): Pick<Source, 'document' | 'events'> {
  const schemas = {
    ...source.document.components?.schemas,
    PetEvent: { type: 'object', required: ['type', 'subtype'], properties: { type: text, subtype: text } },
    Message: { type: 'object', required: ['message_body'], properties: { message_body: text } },
  }
  return { ...source, document: { ...source.document, webhooks: webhooks ?? {}, components: { schemas } } }
}

const message = hook('Message', 'A message.', { message_body: "It's late" })
const fed = hook('PetEvent', 'It was fed.', { type: 'pet', subtype: 'fed', metadata: '{"food": "hay"}' })
const slept = hook('PetEvent', 'It slept.', { type: 'pet', subtype: 'slept' })

describe('the hooks give', () => {
  const files = clientWebhooks(given({ 'pet.fed': fed, 'pet.slept': slept, 'message.receive': message }))

  test.each(files.map(({ path, contents }) => [path, contents]))('%s', (path, contents) => {
    expect(contents).toBe(readFileSync(new URL(`want/client-${basename(path)}.txt`, import.meta.url), 'utf8'))
  })
})

test('a payload that does not say what it is gets refused: only the body is signed', () => {
  expect(() => clientWebhooks(given({ 'pet.fed': hook('Pet', 'It was fed.', {}) }))).toThrow(
    'pet.fed: its payload Pet has to require type and subtype',
  )
})

test('a hook without an example is refused: tests of receivers are made of them', () => {
  expect(() => clientWebhooks(given({ 'pet.fed': hook('PetEvent', 'It was fed.') }))).toThrow(
    'webhook pet.fed has no example',
  )
})
