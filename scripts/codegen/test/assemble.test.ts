import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { assemble } from '../assemble.js'
import type { Operation, PathItem } from '../document.js'
import { load } from '../load.js'
import { renderCommitted } from '../render.js'
import { publishedDocuments } from '../targets/published-documents.js'

const contract = fileURLToPath(new URL('../../../openapi', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tract-contract-'))
const copy = join(folder, 'openapi')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Puts a copy of the contract together in which a file was changed. */
async function assembled(name: string, change: (text: string) => string) {
  cpSync(contract, copy, { recursive: true })
  const path = join(copy, name)
  writeFileSync(path, change(readFileSync(path, 'utf8')))
  return assemble(copy)
}

const ROW =
  '    - { subtype: seen, senders: [md], description: Seen., effect: None., example: { metadata: \'{"n": 1}\' } }\n'
const withRow = (text: string) => text.replace('- type: thread_control', `${ROW}$&`)

const whole = await assemble(contract)
const statusesOf = ({ responses = {} }: Operation = {}) =>
  Object.entries(responses).map(([status, answer]) =>
    ['$ref' in answer ? answer.$ref.split('/').at(-1) : '', status].join(' '),
  )

test('a row of the catalogue with a sentence and an example is a whole hook', async () => {
  const { webhooks = {} } = await assembled('events.yaml', withRow)
  const post = (webhooks['message.seen'] as PathItem).post as Operation
  const content = {
    'application/json': expect.objectContaining({ schema: { $ref: '#/components/schemas/ReceivedEvent' } }),
  }
  expect(post).toMatchObject({
    operationId: 'onMessageSeen',
    tags: ['Hooks you receive'],
    summary: 'Receive event message/seen from TRACT',
    description: 'Seen.\n',
    'x-audience': ['vendor', 'platform'],
    security: [],
    requestBody: { required: true, content },
  })
  expect(post.parameters).toHaveLength(10)
  expect(statusesOf(post)).toEqual([' 200', 'Gone 410', 'TooManyRequests 429', 'ServiceUnavailable 503'])
  expect(post.requestBody).toHaveProperty(['content', 'application/json', 'example'], {
    conversation_number: '1',
    user_id: '8812',
    third_party_user_id: '+919820098200',
    type: 'message',
    subtype: 'seen',
    metadata: '{"n": 1}',
    timestamp: '2026-11-22T09:30:00.000Z',
  })
})

test('the generated code, the documents and the pages follow from the row of a new event', async () => {
  await assembled('events.yaml', withRow)
  cpSync(join(contract, '..', 'prisma', 'extensions.yaml'), join(folder, 'prisma', 'extensions.yaml'))
  const source = await load(folder)
  const files = [...(await renderCommitted(source)), ...publishedDocuments(source)]
  const naming = files.filter(({ contents }) => /\bseen\b/.test(contents)).map(({ path }) => path)
  expect(naming).toEqual(
    expect.arrayContaining([
      'packages/contract/src/generated/events.ts',
      'packages/client/src/generated/hooks.ts',
      'packages/server/src/generated/openapi/vendor.json',
      'docs/reference/events.md',
      'docs/reference/hooks.md',
    ]),
  )
  expect(source.document.components?.schemas?.HookSubcategory).toHaveProperty(
    'x-extensible-enum',
    expect.arrayContaining(['seen']),
  )
})

test('what is usual depends on the token, the body, the query and the key', () => {
  expect(statusesOf(whole.paths?.['/tract/hooks/unregister/']?.post)).toEqual([
    ' 200',
    'BadRequest 400',
    'Unauthorized 401',
    'Forbidden 403',
    'HookNotFound 404',
    'TooLarge 413',
    'UnsupportedMediaType 415',
    'IdempotencyKeyReused 422',
    'RateLimited 429',
    'InternalError 500',
    'Unavailable 503',
  ])
  expect(statusesOf(whole.paths?.['/tract/hooks/list/']?.get)).not.toContain('BadQuery 400')
  expect(statusesOf(whole.paths?.['/platform/threads/']?.get)).toContain('BadQuery 400')
})

test('what an operation says by itself stands', () => {
  expect(statusesOf(whole.paths?.['/tract/hooks/register/']?.post)).toContain('BadHook 400')
  expect(statusesOf(whole.paths?.['/tract/auth/jwks/']?.get)).toEqual([' 200', 'RateLimited 429', 'Overloaded 503'])
  expect(statusesOf(whole.paths?.['/tract/thread_control/request']?.post)).toContain('UnacknowledgedRateLimited 429')
})

const { actions } = parse(readFileSync(join(contract, 'usual.overlay.yaml'), 'utf8'))

test.each(actions.map(({ target }: { target: string }, index: number) => [target, index]))(
  'without the action for %s the contract is another',
  async (_, index) => {
    const without = await assembled('usual.overlay.yaml', (text) => {
      const overlay = parse(text)
      return stringify({ ...overlay, actions: overlay.actions.toSpliced(index, 1) })
    })
    expect(without).not.toEqual(whole)
  },
)

test('a list that no catalogue has is named', async () => {
  const broken = assembled('schemas/basics.yaml', (text) => text.replace('-of: event_types', '-of: colours'))
  await expect(broken).rejects.toThrow('there is no list colours; known are event_types')
})

test('a reference that leads nowhere is named with its place', async () => {
  const broken = assembled('paths/hooks.yaml', (text) => text.replace('#/HookRegistration', '#/Nothing'))
  await expect(broken).rejects.toThrow(/resolve.*paths.hooks.yaml#.register.post.requestBody/s)
})
