import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, call, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { isOfOwnPage, sessionCookie, sessionToken } from '../../src/api/session-cookie.js'

const OWN = { 'sec-fetch-site': 'same-origin' }

let service: TestService
let admin: Caller

beforeAll(async () => {
  service = await TestService.start({ environment: { TRACT_TOKEN_TTL: '60' } })
  admin = await service.admin()
})
afterAll(() => service.close())

const signIn = async (credentials: object = service.demo.admin): Promise<string> => {
  const answer = await call(`${service.url}/platform/session/`, { body: credentials })
  expect(answer.status).toBe(200)
  return (answer.headers.get('set-cookie') as string).split(';')[0] as string
}

const get = (path: string, headers: Record<string, string>): Promise<Answer> =>
  call(service.url + path, { method: 'GET', headers })

const who = (headers: Record<string, string>) => get('/platform/session/', headers)
const end = (headers: Record<string, string>) => call(`${service.url}/platform/session/`, { method: 'DELETE', headers })

describe('a session', () => {
  test('is a cookie that no page can read and no other site sends', async () => {
    const answer = await call(`${service.url}/platform/session/`, { body: service.demo.admin })
    expect(answer.headers.get('set-cookie')).toMatch(
      /^tract_session=[\w.-]+; Max-Age=28[78]\d\d; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(answer.text).not.toContain(answer.headers.get('set-cookie')?.split(/[=;]/)[1])
    expect(answer.body).toMatchObject({ client_id: service.demo.admin.client_id, name: 'Operator' })
    // longer than other tokens live
    expect(Date.parse(answer.body.expires_at) - Date.now()).toBeGreaterThan(7.9 * 3_600_000)
  })

  test('says who is signed in', async () => {
    const { status, body } = await who({ ...OWN, cookie: await signIn() })
    expect([status, body.client_id, body.name]).toEqual([200, service.demo.admin.client_id, 'Operator'])
  })

  test('is found among other cookies, and counts for what an operator may do', async () => {
    const cookie = `a=b; ${await signIn()}; c=tract_session=x`
    expect((await get('/platform/organisations/', { ...OWN, cookie })).status).toBe(200)
    expect((await get('/tract/hooks/list/', { ...OWN, cookie })).body.code).toBe('insufficient_scope')
  })

  test('ends when it is ended, and for whoever kept its token', async () => {
    const cookie = await signIn()
    const answer = await end({ ...OWN, cookie })
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([
      200,
      'tract_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict',
    ])
    expect((await who({ ...OWN, cookie })).body.code).toBe('token_invalid')
    const token = cookie.split('=')[1]
    expect((await call(`${service.url}/platform/session/`, { method: 'GET', token })).status).toBe(401)
  })

  test('ends with its client', async () => {
    const operator = { name: 'Second operator', scopes: ['platform:admin'] }
    const { client, client_secret } = await ok(admin.post('/platform/clients/', operator))
    const cookie = await signIn({ client_id: client.client_id, client_secret })
    expect((await who({ ...OWN, cookie })).status).toBe(200)
    await ok(admin.post('/platform/clients/update/', { client_id: client.client_id, enabled: false }))
    expect((await who({ ...OWN, cookie })).status).toBe(401)
    const again = await call(`${service.url}/platform/session/`, {
      body: { client_id: client.client_id, client_secret },
    })
    expect([again.status, again.headers.get('set-cookie')]).toEqual([401, null])
  })

  test.each<[string, Record<string, string>]>([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port or a sister host', { 'sec-fetch-site': 'same-site' }],
    ['another site that names our origin', { 'sec-fetch-site': 'cross-site', origin: 'self' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['another origin, from an old browser', { origin: 'http://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['somebody who says nothing of it', {}],
  ])('counts not from %s', async (_where, headers) => {
    const from = headers.origin === 'self' ? { ...headers, origin: service.url } : headers
    const cookie = await signIn()
    for (const answer of [await who({ ...from, cookie }), await end({ ...from, cookie })])
      expect([answer.status, answer.body.code]).toEqual([401, 'token_missing'])
    expect((await who({ ...OWN, cookie })).status).toBe(200)
  })

  test('counts from our origin where the browser says no more than that', async () => {
    const cookie = await signIn()
    expect((await who({ origin: service.url, cookie })).status).toBe(200)
  })

  test('never counts beside a token, nor where tokens are issued', async () => {
    const cookie = await signIn()
    expect((await who({ ...OWN, cookie, authorization: 'Bearer x' })).status).toBe(401)
    expect((await who({ ...OWN, cookie, authorization: 'Basic eDp5' })).status).toBe(401)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = 'grant_type=client_credentials'
    const answer = await call(`${service.url}/tract/auth/token/`, { headers: { ...OWN, ...form, cookie }, body })
    expect([answer.status, answer.body.code]).toEqual([401, 'invalid_client'])
  })

  test('is nobody’s with a cookie of somebody else’s making', async () => {
    const [head, , signature] = (await signIn()).split('.')
    for (const cookie of ['tract_session=', 'tract_session=x', `${head}.e30.${signature}`, 'tract_session'])
      expect((await who({ ...OWN, cookie })).status).toBe(401)
  })

  test('is not for a listener’s client, nor with another secret', async () => {
    const ask = (body: object) => call(`${service.url}/platform/session/`, { body })
    const refused = await ask(service.demo.listeners.desk)
    expect([refused.status, refused.headers.get('set-cookie')]).toEqual([403, null])
    const unknown = await ask({ client_id: 'nobody', client_secret: 'x' })
    const wrong = await ask({ client_id: service.demo.admin.client_id, client_secret: 'x' })
    expect([unknown.status, unknown.body.error]).toEqual([wrong.status, wrong.body.error])
    expect(unknown.status).toBe(401)
  })
})

describe('the cookie of a service at https', () => {
  const url = 'https://tract.example.com'

  test('is of that host alone, and sent over https alone', () => {
    expect(sessionCookie(url, 't', 60)).toBe(
      '__Host-tract_session=t; Max-Age=60; Path=/; HttpOnly; SameSite=Strict; Secure',
    )
    expect(sessionToken(url, { cookie: '__Host-tract_session=t' })).toBe('t')
    expect(sessionToken(url, { cookie: 'tract_session=planted' })).toBeUndefined()
  })

  test('is taken from its own origin behind a proxy that names another host', () => {
    expect(isOfOwnPage(url, { origin: url, host: 'internal:8080' })).toBe(true)
    expect(isOfOwnPage(url, { origin: 'https://tract.example.com.evil.example', host: 'internal:8080' })).toBe(false)
  })
})
