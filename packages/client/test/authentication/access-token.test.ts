import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import { AbortError, AuthenticationError, isErrorOf, Tract } from '../../src/index.node.js'
import { Desk } from '../support/desk.js'

const TOKEN = '/tract/auth/token/'
const LIST = '/tract/hooks/list/'

let desk: Desk

beforeAll(async () => {
  desk = await Desk.open()
})
afterEach(() => desk.proxy.reset())
afterAll(() => desk.close())

describe('the access token', () => {
  test('is fetched once for all the calls that wait for it, and kept', async () => {
    const tract = desk.tract()
    await Promise.all(Array.from({ length: 20 }, () => tract.hooks.list().then()))
    await tract.hooks.list()
    expect(desk.proxy.of(TOKEN)).toHaveLength(1)
    expect(desk.proxy.of(LIST)).toHaveLength(21)
    await tract.close()
  })

  test('that is revoked is replaced, and every call is made once more', async () => {
    const tract = desk.tract()
    const token = await tract.auth.token()
    await desk.tract().auth.revoke(token)
    const calls = await Promise.all(Array.from({ length: 10 }, () => tract.hooks.list().then()))
    expect(calls).toHaveLength(10)
    expect(desk.proxy.of(LIST)).toHaveLength(20)
    // The first, the one of the client that revoked it, and its successor.
    expect(new Set(desk.proxy.of(LIST).map(({ headers }) => headers.authorization)).size).toBe(2)
    expect(await tract.auth.token()).not.toBe(token)
    await tract.close()
  })

  test('is replaced once in a call: a service that refuses the next one too is believed', async () => {
    const tract = desk.tract()
    desk.proxy.fault = ({ path }) =>
      path === LIST
        ? { status: 401, body: JSON.stringify({ error: 'No.', code: 'token_invalid', request_id: 'r' }) }
        : undefined
    const error = await tract.hooks.list().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(isErrorOf('hooks.list', error) && error.code).toBe('token_invalid')
    expect(desk.proxy.of(LIST)).toHaveLength(2)
    await tract.close()
  })

  test('is renewed before it expires', async () => {
    const brief = await Desk.open({ TRACT_TOKEN_TTL: '6' })
    try {
      const statuses: unknown[] = []
      const tract = brief.tract({ onResponse: ({ status }) => statuses.push(status) })
      // One that came too late would show as a refusal, each time; a busy machine is not always as late.
      await until(async () => {
        statuses.length = 0
        await tract.hooks.list()
        const first = await tract.auth.token()
        while ((await tract.auth.token()) === first) await tract.hooks.list()
        return statuses.every((status) => status === 200)
      }, 'a renewal in time')
      expect(brief.proxy.of(TOKEN).length).toBeGreaterThan(1)
      await tract.close()
    } finally {
      await brief.close()
    }
  })

  test('is fetched again at the next call when it could not be had', async () => {
    const tract = desk.tract({ maxRetries: 0 })
    desk.proxy.fault = ({ path }) => (path === TOKEN ? 'lost on the way' : undefined)
    await expect(tract.hooks.list()).rejects.toMatchObject({ name: 'ConnectionError', operation: 'auth.token' })
    desk.proxy.reset()
    expect((await tract.hooks.list()).hooks).toHaveLength(1)
    await tract.close()
  })

  test('is waited for by a call as long as the call wants to, and by the others on', async () => {
    const tract = desk.tract()
    const controller = new AbortController()
    desk.proxy.fault = ({ path }) => {
      if (path !== TOKEN || desk.proxy.of(TOKEN).length > 1) return undefined
      controller.abort()
      return 'lost on the way'
    }
    const [impatient, patient] = await Promise.allSettled([
      tract.hooks.list({ signal: controller.signal }),
      tract.hooks.list(),
    ])
    expect(impatient.status === 'rejected' && impatient.reason).toBeInstanceOf(AbortError)
    expect(patient.status).toBe('fulfilled')
    await tract.close()
  })

  test('is not had with a wrong secret, which is said once', async () => {
    const tract = new Tract({ baseUrl: desk.proxy.url, ...desk.credentials('desk'), clientSecret: 'wrong' })
    const error = await tract.hooks.list().catch((error: unknown) => error)
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(isErrorOf('auth.token', error) && error.code).toBe('invalid_client')
    expect(desk.proxy.seen).toHaveLength(1)
    await tract.close()
  })

  test('is not made up out of an answer that holds none', async () => {
    const tract = desk.tract()
    desk.proxy.fault = ({ path }) => (path === TOKEN ? { status: 200, body: '{"welcome": true}' } : undefined)
    await expect(tract.hooks.list()).rejects.toMatchObject({ name: 'TractError', operation: 'auth.token' })
    expect(desk.proxy.of(LIST)).toHaveLength(0)
    await tract.close()
  })

  test('has the scopes that were asked for', async () => {
    const tract = desk.tract({ scopes: ['users:read'] })
    await expect(tract.hooks.list()).rejects.toMatchObject({ name: 'PermissionError', code: 'insufficient_scope' })
    await tract.close()
  })

  test('can be looked at and revoked', async () => {
    const tract = desk.tract()
    await expect(tract.auth.revoke()).rejects.toMatchObject({ name: 'TractError', operation: 'auth.revoke' })
    const token = await tract.auth.token()
    await tract.auth.revoke()
    expect(await tract.auth.token()).not.toBe(token)
    expect((await tract.auth.jwks()).keys.length).toBeGreaterThan(0)
    expect((await tract.auth.metadata()).token_endpoint).toContain(TOKEN)
    await tract.close()
  })
})

test('a call that was aborted before leaves nothing that could end the process, where there is no token to be had', async () => {
  const sdk = new URL('../../src/index.node.ts', import.meta.url)
  const program = `
    const { Tract } = await import(${JSON.stringify(sdk)})
    const tract = new Tract({ baseUrl: 'http://127.0.0.1:9', clientId: 'desk', clientSecret: 'secret' })
    await tract.hooks.list({ signal: AbortSignal.abort() }).catch(({ name }) => console.log(name))`
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--import', 'tsx', '--input-type=module', '--eval', program],
  ])
  expect(stdout).toBe('AbortError\n')
})

test('what cannot work is refused before anything is sent', () => {
  const make = (options: object) => () => new Tract(options as never)
  expect(make({ clientId: 'a', clientSecret: 'b', baseUrl: 'tract.example.com' })).toThrow(/baseUrl/)
  for (const baseUrl of ['ftp://a', 'https://user:secret@a', 'https://a?b', '/tract', undefined]) {
    expect(make({ clientId: 'a', clientSecret: 'b', baseUrl })).toThrow(/baseUrl/)
  }
  expect(make({ clientId: 'a', clientSecret: 'b', baseUrl: 'https://a:8443/behind/' })).not.toThrow()
  expect(make({ clientSecret: 'b', baseUrl: 'http://localhost' })).toThrow(/clientId/)
  expect(make({ clientId: 'a', baseUrl: 'http://localhost' })).toThrow(/clientSecret or privateKey/)
})
