import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { ROOT } from '../command.js'
import { lintContract } from '../contract-lint.js'

mkdirSync(join(ROOT, '.artifacts'), { recursive: true })
const folder = mkdtempSync(join(ROOT, '.artifacts', 'contract-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the command of `npm test` prints of a copy of the contract that `change` broke. */
async function findings(change: (contract: string) => void): Promise<string> {
  cpSync(join(ROOT, 'openapi'), folder, { recursive: true })
  change(folder)
  const { ok, output } = await lintContract(folder)
  expect(ok).toBe(false)
  return output
}

function replace(path: string, what: RegExp, by: string) {
  const text = readFileSync(path, 'utf8')
  expect(text).toMatch(what)
  writeFileSync(path, text.replace(what, by))
}

test('redocly loads our rules, and they see through every file of the sources', async () => {
  const found = await findings((contract) => {
    appendFileSync(
      join(contract, 'schemas', 'basics.yaml'),
      '\nForgotten: { description: Nothing refers to it., type: string }\n',
    )
    replace(join(contract, 'usual.overlay.yaml'), /^info:/m, 'about:')
  })
  expect(found).toContain('schemas/basics.yaml#/Forgotten is referred to by nothing.')
  expect(found).toContain('The field `info` must be present on this level.')
})

test('a line that is too wide is named', async () => {
  const found = await findings((contract) =>
    appendFileSync(join(contract, 'schemas', 'basics.yaml'), `\n# ${'x'.repeat(159)}\n`),
  )
  expect(found).toMatch(/^schemas\/basics\.yaml:\d+ has 161 columns; a line has 160 at most\.$/)
})

test('they see what is put together of the sources, the catalogue and what is usual', async () => {
  const found = await findings((contract) => {
    appendFileSync(
      join(contract, 'events.yaml'),
      '\n- { type: odd, subtypes: [{ subtype: event, senders: [tract], description: Odd. }] }\n',
    )
    const field = /^(MessageSend:\n(?: .*\n)*?) {4}third_party_user_id: .*UserId' }\n/m
    replace(join(contract, 'schemas', 'messages.yaml'), field, '$1')
    replace(join(contract, 'usual.overlay.yaml'), /^.*'415': .*responses.Unsupported.*\n/m, '')
  })
  expect(found).toContain('hook odd.event: it is not in the source: mark it `x-tract-extension: true`.')
  expect(found).toContain("request field `third_party_user_id` of the source's *Send message to TRACT* is missing.")
  expect(found).toContain('An operation with a body has to document this: 415 is required.')
})
