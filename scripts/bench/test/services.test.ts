import { createServer, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { listen } from '../../../packages/testing/src/listen.js'
import { RunningService, SERVICES } from '../peers/services.js'
import { BenchProcess } from '../processes.js'
import { Receiver } from '../receiver.js'

const CALLS = 40

let receiver: Receiver
let load: BenchProcess
beforeAll(async () => {
  receiver = await Receiver.start()
  load = await BenchProcess.start('load')
})
afterAll(() => Promise.all([receiver.stop(), load.stop()]))

async function bodyOf(request: IncomingMessage) {
  let text = ''
  for await (const part of request) text += part
  // biome-ignore lint/suspicious/noExplicitAny: of three services
  return text === '' ? {} : (JSON.parse(text) as any)
}

/** Speaks what the bench calls of a service's documented API, and delivers all messages once they have come. */
async function speaking() {
  const calls: string[] = []
  const payloads: object[] = []
  let hook = ''
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const { method, url = '', headers } = request
    if (headers.authorization !== 'Bearer secret') return response.writeHead(401).end()
    const payload = body.payload ?? body.data
    if (payload === undefined) calls.push(`${method} ${url}`)
    hook = body.url ?? body.config?.url ?? hook
    const text = JSON.stringify({ id: 'app_1', data: { uid: 'end_1' } })
    response.writeHead(method === 'DELETE' ? 204 : 202, { 'content-length': method === 'DELETE' ? 0 : text.length })
    response.end(method === 'DELETE' ? '' : text)
    if (payload === undefined || payloads.push(payload) < CALLS) return response
    for (const one of payloads) await fetch(hook, { method: 'POST', body: JSON.stringify(one) })
    return response
  })
  return { server, calls, url: `http://127.0.0.1:${await listen(server)}` }
}

const EXPECTED: Record<string, { base: string; calls: string[] }> = {
  Svix: { base: '', calls: ['POST /api/v1/app/', 'POST /api/v1/app/app_1/endpoint/', 'DELETE /api/v1/app/app_1/'] },
  Outpost: {
    base: '',
    calls: [
      'PUT /api/v1/tenants/tract-bench',
      'POST /api/v1/tenants/tract-bench/destinations',
      'DELETE /api/v1/tenants/tract-bench',
    ],
  },
  Convoy: {
    base: '/api/v1/projects/p1',
    calls: [
      'POST /api/v1/projects/p1/endpoints',
      'POST /api/v1/projects/p1/subscriptions',
      'DELETE /api/v1/projects/p1/endpoints/end_1',
    ],
  },
}

test.each(SERVICES)('$name is set up, called, and cleared away', async (service) => {
  const { base, calls } = EXPECTED[service.name] as (typeof EXPECTED)[string]
  const one = await speaking()
  const environment = { [`${service.prefix}_URL`]: one.url + base, [`${service.prefix}_TOKEN`]: 'secret' }
  const running = (await RunningService.open(service, receiver.url, environment)) as RunningService
  const { rate, overtaken } = await running.run(load, receiver, CALLS)
  expect(rate).toBeGreaterThan(0)
  expect(overtaken).toBe(0)
  await running.close()
  expect(one.calls).toEqual(calls)
  one.server.closeAllConnections()
  one.server.close()
})

test('what was overtaken is counted', async () => {
  await receiver.expect(3)
  for (const number of [1, 3, 2])
    await fetch(receiver.url, { method: 'POST', body: JSON.stringify({ user_id: 'u1', message_id: number }) })
  expect((await receiver.seen()).backwards).toBe(1)
})

test('a service that no setting names is skipped', async () => {
  for (const service of SERVICES) expect(await RunningService.open(service, receiver.url, {})).toBeNull()
})
