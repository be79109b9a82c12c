/** What pages say of limits, codes and pauses is what the service goes by. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { errorCodes, MAX_MESSAGE_BYTES, operations } from '@tract/contract'
import { parse } from 'yaml'
import { BODY_LIMIT } from '../../server/src/api/errors.js'
import { RETRY_POLICY } from '../../server/src/deliver/health/retry-policy.js'
import { ROOT } from '../src/root.js'

const read = (path: string) => readFile(join(ROOT, path), 'utf8')

/** The rows of the first table under a heading, cell by cell. */
async function rowsUnder(page: string, heading: string): Promise<string[][]> {
  const [, part] = (await read(`docs/guide/${page}.md`)).split(`## ${heading}\n`)
  const [table = ''] = /(?:^\|.*\n)+/m.exec(part ?? '') ?? []
  const [, , ...rows] = table.trimEnd().split('\n')
  return rows.map((row) => row.slice(2, -2).split(' | '))
}

const named = (rows: string[][]) => rows.map(([code = '']) => code.replaceAll('`', ''))

test('Sending says what to do at each error of Send message, and which are repeated', async () => {
  const rows = await rowsUnder('sending', 'What to do at each error')
  // before it is known which operation is called
  const expected = [...operations.sendMessage.codes, 'request_timeout']
  expect(named(rows).sort()).toEqual([...expected].sort())
  for (const [code = '', status, repeat] of rows) {
    const known: number = errorCodes[code.replaceAll('`', '') as keyof typeof errorCodes]
    expect([code, status]).toEqual([code, String(known)])
    const isTemporary = known >= 500 || known === 408 || known === 429
    expect([code, repeat === 'yes']).toEqual([code, isTemporary])
  }
})

test('Thread control says what to do at each refusal', async () => {
  const { Refusal } = parse(await read('openapi/schemas/threads.yaml'))
  const rows = await rowsUnder('control', 'What to do when you are refused')
  expect(named(rows).sort()).toEqual([...Refusal.properties.code['x-extensible-enum']].sort())
})

test('Receiving hooks has the pauses of the retry policy', async () => {
  const rows = await rowsUnder('receiving', 'When TRACT tries again')
  const { delays, deadline, refusalDelays, jitter, longestRetryAfter } = RETRY_POLICY
  const shown = (ms: number) =>
    ms < 1_000
      ? `${ms} ms`
      : ms < 120_000
        ? `${ms / 1_000} s`
        : ms < 7_200_000
          ? `${ms / 60_000} min`
          : `${ms / 3_600_000} h`
  const last = delays.length
  const pauses = delays.map((ms, index) => [
    index + 1 < last ? `${index + 1}` : `${last}, and each one after`,
    shown(ms),
  ])
  expect(rows).toEqual([...pauses, [`${shown(deadline)} after the first`, 'given up']])
  const text = await read('docs/guide/receiving.md')
  expect(text).toContain(
    `after ${refusalDelays
      .map((ms) => ms / 1_000)
      .join(', ')
      .replace(/, (\d+)$/, ' and $1')} s`,
  )
  expect([jitter, longestRetryAfter]).toEqual([1 / 5, 5 * 60_000])
})

test('Sending has the limits of the service', async () => {
  const rows = await rowsUnder('sending', 'Limits')
  const limits = Object.fromEntries(rows.map(([what = '', limit = '']) => [what, limit]))
  expect(limits['`message_body`']).toBe(`${MAX_MESSAGE_BYTES.toLocaleString('en')} bytes of UTF-8`)
  expect(limits['the whole body']).toContain(`${BODY_LIMIT.toLocaleString('en')} bytes`)
})
