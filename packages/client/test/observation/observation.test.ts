import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { contractVersion, type RequestInfo, type ResponseInfo, version } from '../../src/index.node.js'
import { Desk } from '../support/desk.js'

let desk: Desk

beforeAll(async () => {
  desk = await Desk.open()
})
afterEach(() => desk.proxy.reset())
afterAll(() => desk.close())

describe('who looks on', () => {
  test('sees every attempt, and no secret', async () => {
    const requests: RequestInfo[] = []
    const responses: ResponseInfo[] = []
    const tract = desk.tract({ onRequest: (info) => requests.push(info), onResponse: (info) => responses.push(info) })
    desk.proxy.fault = ({ path }) =>
      path === '/tract/user/' && desk.proxy.of(path).length === 1 ? 'lost on the way' : undefined
    await tract.users.get({ user_id: 'nobody' }).catch(() => {})
    expect(requests.map(({ operation, attempt }) => [operation, attempt])).toEqual([
      ['auth.token', 1],
      ['users.get', 1],
      ['users.get', 2],
    ])
    expect(responses.map(({ status, failure }) => status ?? failure)).toEqual([200, 'connection', 404])
    expect(responses.every(({ durationMs }) => Number.isInteger(durationMs))).toBe(true)
    expect(responses.at(-1)?.requestId).toMatch(/./)
    const { clientSecret } = desk.credentials('desk')
    const told = JSON.stringify([requests, responses])
    expect(told).not.toContain(clientSecret)
    expect(told).not.toContain(await tract.auth.token())
    expect(requests.at(-1)?.headers.authorization).toBe('[redacted]')
    await tract.close()
  })

  test('reads in the log what happened, and nothing of what was said', async () => {
    const lines: string[] = []
    const write = (line: string) => lines.push(line)
    const tract = desk.tract({ logger: { debug: write, warn: write, error: write } })
    desk.proxy.fault = ({ path }) =>
      path === '/tract/message/send/' && desk.proxy.of(path).length === 1 ? { status: 503 } : undefined
    const user_id = await desk.user('asha')
    await tract.messages.send(
      { user_id, sender: 'ect', message_body: 'very private' },
      { headers: { cookie: 'c00kie' } },
    )
    expect(lines.join('\n')).toMatch(/messages\.send failed \(503\) and is repeated in \d+ ms/)
    expect(lines.join('\n')).toMatch(
      /messages\.send POST .*\/tract\/message\/send\/ attempt 2: 200 in \d+ ms, request /,
    )
    for (const secret of ['very private', 'c00kie', desk.credentials('desk').clientSecret, await tract.auth.token()]) {
      expect(lines.join('\n')).not.toContain(secret)
    }
    await tract.close()
  })

  test('does no harm', async () => {
    const errors: string[] = []
    const logger = { debug: () => {}, warn: () => {}, error: (line: string) => errors.push(line) }
    const fall = () => {
      throw new Error('I fell')
    }
    const tract = desk.tract({ onRequest: fall, onResponse: fall, logger })
    expect((await tract.hooks.list()).hooks).toHaveLength(1)
    expect(errors).toHaveLength(4)
    await tract.close()
  })

  test('on the other side is told who calls', async () => {
    const tract = desk.tract({ headers: { 'X-World': 'a', Authorization: 'Basic bWU=' } })
    await tract.hooks.list({
      headers: { Authorization: 'Basic bWU=', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    })
    const { headers } = desk.proxy.of('/tract/hooks/list/')[0] ?? {}
    expect(headers?.['user-agent']).toBe(
      `tract-client/${version} (contract/${contractVersion}; node/${process.versions.node})`,
    )
    expect(headers?.authorization).toBe(`Bearer ${await tract.auth.token()}`)
    expect([headers?.['x-world'], headers?.traceparent?.slice(0, 5)]).toEqual(['a', '00-0a'])
    await tract.close()
  })
})
