import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { compareContracts } from '../contract-diff.js'
import { isFreeToBreak } from '../releases.js'
import type { Doc } from './lint-fixture.js'

const fixture: Doc = parse(
  readFileSync(new URL('../../../openapi/lint/fixtures/contract.yaml', import.meta.url), 'utf8'),
  {
    merge: true,
  },
)

/** Compares the fixture, released with `released`, with itself after a change, as `next`. */
async function compare(released: string, next: string, change: (doc: Doc) => void) {
  const base = structuredClone(fixture)
  const revision = structuredClone(fixture)
  base.info.version = released
  revision.info.version = next
  change(revision)
  return compareContracts(base, revision)
}

const nothing = () => {}
const addField = (doc: Doc) => {
  doc.components.schemas.User.properties.mood = { description: 'A mood.', type: 'string' }
}
const removeHookField = (doc: Doc) =>
  delete doc.webhooks['message.receive'].post.requestBody.content['application/json'].schema.properties.metadata
const tightenLimit = (doc: Doc) => {
  doc.components.schemas.UserId.maxLength = 64
}
const hideFromVendors = (doc: Doc) => {
  doc.paths['/platform/token/'].post['x-audience'] = ['platform']
}
const renameOperation = (doc: Doc) => {
  doc.paths['/tract/user/'].post.operationId = 'fetchUser'
}
const storeElsewhere = (doc: Doc) => {
  doc.components.schemas.User['x-entity'].table = 'people'
}

test.each([
  ['the same contract', '1.0.0', '1.0.0', nothing],
  ['a change of storage only', '1.0.0', '1.0.0', storeElsewhere],
  ['a new field with a minor version', '1.0.0', '1.1.0', addField],
  ['a break with a major version', '1.0.0', '2.0.0-alpha.1', tightenLimit],
  ['a break with the next pre-release', '1.0.0-alpha.1', '1.0.0-alpha.2', removeHookField],
])('%s passes', async (_what, released, next, change) => {
  expect(await compare(released, next, change)).toMatchObject({ ok: true })
})

test.each([
  ['a new field with no new version', '1.0.0', '1.0.0', addField, 'require a minor bump'],
  [
    'a new field in a pre-release with no new version',
    '1.0.0-alpha.1',
    '1.0.0-alpha.1',
    addField,
    'Since 1.0.0-alpha.1 is a pre-release, 1.0.0-alpha.2 is enough.',
  ],
  ['a field gone from a hook with a minor version', '1.0.0', '1.1.0', removeHookField, 'require a major bump'],
  ['a tighter limit with a minor version', '1.0.0', '1.1.0', tightenLimit, 'require a major bump'],
  ['another operationId with a minor version', '1.0.0', '1.1.0', renameOperation, 'require a major bump'],
  ['an operation hidden from vendors with a minor version', '1.0.0', '1.1.0', hideFromVendors, 'require a major bump'],
  ['a version that goes back', '1.0.0-alpha.2', '1.0.0-alpha.1', nothing, 'went back'],
])('%s fails', async (_what, released, next, change, want) => {
  const { ok, output } = await compare(released, next, change)
  expect(output).toContain(want)
  expect(ok).toBe(false)
})

test.each([
  ['1.0.0-alpha.1', '1.0.0-alpha.2', true],
  ['1.0.0-alpha.2', '1.0.0-beta.1', true],
  ['1.0.0-rc.1', '1.0.0', true],
  ['1.0.0-alpha.1', '1.0.0-alpha.1', false],
  ['1.0.0-alpha.2', '1.0.0-alpha.1', false],
  ['1.0.0-alpha.1', '1.1.0', false],
  ['1.0.0', '1.0.1-alpha.1', false],
])('from %s to %s anything may change: %s', (released, next, want) => {
  expect(isFreeToBreak(released, next)).toBe(want)
})
