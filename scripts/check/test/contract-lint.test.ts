import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { ROOT } from '../command.js'
import { redocly } from '../redocly.js'

mkdirSync(join(ROOT, '.artifacts'), { recursive: true })
const folder = mkdtempSync(join(ROOT, '.artifacts', 'contract-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The command that `npm test` runs, on a copy of the contract with three faults in three files. */
test('redocly loads our rules, and they see through every file of the contract', async () => {
  cpSync(join(ROOT, 'openapi'), folder, { recursive: true })
  appendFileSync(
    join(folder, 'schemas', 'basics.yaml'),
    '\nForgotten: { description: Nobody refers to it., type: string }\n',
  )
  appendFileSync(
    join(folder, 'events.yaml'),
    '\n- { type: odd, subtypes: [{ subtype: event, senders: [tract], description: Odd. }] }\n',
  )
  const messages = join(folder, 'schemas', 'messages.yaml')
  writeFileSync(messages, readFileSync(messages, 'utf8').replace(/^ {4}ect_user_id: .*EctUserId' }\n/m, ''))
  const { ok, output } = await redocly('lint', join(folder, 'tract.yaml'), '--format', 'json')
  expect(ok).toBe(false)
  const findings = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)).problems.map(
    ({ message }: { message: string }) => message,
  )
  expect(findings).toEqual(
    expect.arrayContaining([
      'schemas/basics.yaml#/Forgotten is referred to by nothing.',
      'events.yaml has odd.event, which is no webhook.',
      "POST /tract/message/send/: request field `ect_user_id` of the source's *Send message to TRACT* is missing.",
    ]),
  )
})
