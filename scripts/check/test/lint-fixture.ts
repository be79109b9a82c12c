import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { parse, stringify } from 'yaml'

// biome-ignore lint/suspicious/noExplicitAny: a document that the tests break at will
export type Doc = any

const plugin = fileURLToPath(new URL('../../../openapi/lint/plugin.js', import.meta.url))
const read = (path: string) => parse(readFileSync(new URL(path, import.meta.url), 'utf8'), { merge: true })
const fixture: Doc = read('../../../openapi/lint/fixtures/contract.yaml')
const settings: Doc = read('../../../openapi/redocly.yaml')
const source: Doc = read('../../../openapi/lint/source-fields.yaml')

/** Of the source's table, what the fixture has. */
const table = {
  ...source,
  apis: source.apis.filter((api: Doc) => api.path === '/tract/user/'),
  hooks: source.hooks.filter((hook: Doc) => hook.subcategory !== 'create_user'),
  events: { conversation_state: ['bot'] },
}
const errors = [
  {
    group: 'All',
    errors: Object.entries({
      invalid_request: 400,
      token_missing: 401,
      forbidden: 403,
      too_large: 413,
      bad_media_type: 415,
      key_reused: 422,
      rate_limited: 429,
      internal_error: 500,
      unavailable: 503,
    }).map(([code, status]) => ({ code, status, description: 'An error.' })),
  },
]
const events = [
  { type: 'message', subtypes: [{ subtype: 'receive', senders: ['tract'] }] },
  { type: 'conversation_state', subtypes: [{ subtype: 'bot', senders: ['tract', 'iva'] }] },
]

/** Lints the fixture under the real settings, after `change` broke it; gives `rule: message` for each finding. */
export async function lint(change: (doc: Doc, catalogues: { errors: Doc; events: Doc }) => void = () => {}) {
  const [doc, catalogues] = structuredClone([fixture, { errors, events }])
  change(doc, catalogues)
  Object.assign(doc, { 'x-error-codes': catalogues.errors, 'x-event-catalogue': catalogues.events })
  const rules = {
    ...settings.rules,
    'tract/source-fields': { severity: 'error', table },
    'tract/no-unused-definitions': 'off',
  }
  const config = await createConfig({ extends: ['recommended-strict'], plugins: [plugin], rules })
  const problems = await lintFromString({ source: stringify(doc), absoluteRef: '/fixture/contract.yaml', config })
  return problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)
}

export const getUser = (doc: Doc) => doc.paths['/tract/user/'].post
export const token = (doc: Doc) => doc.paths['/platform/token/'].post
export const receive = (doc: Doc) => doc.webhooks['message.receive'].post
export const event = (doc: Doc) => doc.webhooks['conversation_state.bot'].post
export const payload = (hook: Doc) => hook.requestBody.content['application/json'].schema
export const schemas = (doc: Doc) => doc.components.schemas

/** What breaks, how, and the finding that it brings (a pattern). */
export type Case = [given: string, change: Parameters<typeof lint>[0], want: string]

/** Each case brings the finding that it names, of the rule that it stands under. */
export function expectFindings(cases: Record<string, Case[]>) {
  for (const [rule, rows] of Object.entries(cases))
    describe(rule, () => {
      test.each(rows)('%s', async (_given, change, want) => {
        const findings = await lint(change)
        expect(findings).toContainEqual(expect.stringMatching(new RegExp(`^${rule}: .*${want}`)))
      })
    })
}
