import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Caller } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'

let service: TestService
let desk: Caller
let iva: Caller

beforeAll(async () => {
  service = await TestService.start()
  desk = await service.login(service.demo.listeners.desk)
  iva = await service.login(service.demo.listeners.iva)
})
afterAll(() => service.close())

// of no hook: the call is counted, with any result
const testHook = (caller: Caller) => caller.post('/tract/hooks/test/', { id: '01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11' })

test('a client has 60 tests of hooks a minute, and all its other calls beside them', async () => {
  // one minute may end and another begin while these are made
  const many = Array.from({ length: 130 }, () => testHook(desk))
  const answers = await Promise.all(many)
  const made = answers.filter(({ status }) => status === 404)
  const refused = answers.find(({ status }) => status !== 404)
  expect(made.length).toBeGreaterThanOrEqual(60)
  for (const { headers } of made) expect(headers.get('ratelimit-limit')).toBe('60')
  if (refused === undefined) throw new Error('none of them was refused')
  expect(refused.status).toBe(429)
  expect(refused.body).toMatchObject({
    code: 'rate_limited',
    error: expect.stringContaining('60 tests of hooks a minute'),
  })
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await desk.get('/tract/hooks/list/')).status).toBe(200)
  expect((await testHook(iva)).status).toBe(404)
})
