/** Webhook services that run already, by URL: they get the same payload from the same callers, for the same receiver. */

import { meetUsers, USERS } from '../accept.js'
import type { Bench } from '../bench.js'
import { type Figure, figure } from '../figure.js'
import { alternate, type Measured } from '../measure.js'
import { BenchProcess } from '../processes.js'
import { perSecond, Receiver } from '../receiver.js'
import { messageCall, TEXT, Tract } from '../tract.js'

const CONNECTIONS = 64

/** As TRACT delivers it; the number tells the receiver what came before what. */
const PAYLOAD = `{"user_id":"%user","conversation_number":"1","message_body":{"text":"${TEXT}","type":"TEXT","data":{"quick_replies":[]}},"sender":"ceu","message_id":%number,"timestamp":"2026-11-22T10:00:00.000Z","listener":"message_delivery","in_control":true}`

/** What the load generator calls, and what to remove afterwards. */
interface Opened {
  path: string
  body: string
  remove: string
}

type Api = (
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
) => Promise<{ id: string; data: { uid: string } }>

interface Service {
  name: string
  /** `<prefix>_URL` says where it runs, `<prefix>_TOKEN` opens it. */
  prefix: string
  open(api: Api, hook: string): Promise<Opened>
}

export const SERVICES: readonly Service[] = [
  {
    name: 'Svix',
    prefix: 'TRACT_BENCH_SVIX',
    async open(api, url) {
      const { id } = await api('POST', '/api/v1/app/', { name: 'TRACT bench' })
      await api('POST', `/api/v1/app/${id}/endpoint/`, { url })
      const app = `/api/v1/app/${id}/`
      return { path: `${app}msg/`, body: `{"eventType":"message.receive","payload":${PAYLOAD}}`, remove: app }
    },
  },
  {
    name: 'Outpost',
    prefix: 'TRACT_BENCH_OUTPOST',
    async open(api, url) {
      const tenant = '/api/v1/tenants/tract-bench'
      await api('PUT', tenant)
      await api('POST', `${tenant}/destinations`, { type: 'webhook', topics: ['*'], config: { url } })
      const body = `{"tenant_id":"tract-bench","topic":"message.receive","data":${PAYLOAD}}`
      return { path: '/api/v1/publish', body, remove: tenant }
    },
  },
  {
    // its URL ends with the project: …/api/v1/projects/<id>
    name: 'Convoy',
    prefix: 'TRACT_BENCH_CONVOY',
    async open(api, url) {
      const { data } = await api('POST', '/endpoints', { name: 'TRACT bench', url })
      const filter_config = { event_types: ['*'] }
      await api('POST', '/subscriptions', { name: 'TRACT bench', endpoint_id: data.uid, filter_config })
      const body = `{"endpoint_id":"${data.uid}","event_type":"message.receive","data":${PAYLOAD}}`
      return { path: '/events', body, remove: `/endpoints/${data.uid}` }
    },
  },
]

/** A service that runs, with the receiver as the one endpoint of what is sent through it. */
export class RunningService {
  private constructor(
    private readonly api: Api,
    private readonly opened: Opened,
    private readonly call: object,
  ) {}

  /** @returns null where the environment does not say where it runs */
  static async open({ name, prefix, open }: Service, hook: string, environment: NodeJS.ProcessEnv) {
    const { [`${prefix}_URL`]: given, [`${prefix}_TOKEN`]: token = '' } = environment
    if (!given) return null
    const url = new URL(given)
    if (url.protocol !== 'http:')
      throw new Error(`${prefix}_URL: the load generator speaks plain http, not ${url.protocol}`)
    const base = url.pathname.replace(/\/$/, '')
    const api: Api = async (method, path, body) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const response = await fetch(url.origin + base + path, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${name}: ${method} ${path} answered ${response.status}: ${text}`)
      return text === '' ? {} : JSON.parse(text)
    }
    const opened = await open(api, hook)
    const [host, port] = [url.hostname, Number(url.port || 80)]
    return new RunningService(api, opened, { host, port, token, path: base + opened.path, body: opened.body })
  }

  /** Sends that number of messages, and waits until the receiver has as many. @returns deliveries a second, and how many were overtaken */
  async run(load: BenchProcess, receiver: Receiver, calls: number) {
    await receiver.expect(calls)
    await load.call('flood', { ...this.call, connections: CONNECTIONS, calls, users: USERS })
    await receiver.reach()
    const seen = await receiver.seen()
    return { rate: perSecond(seen, seen.lastAt), overtaken: seen.backwards }
  }

  async close(): Promise<void> {
    await this.api('DELETE', this.opened.remove)
  }
}

/** Deliveries a second from first to last, while messages come in as fast as they are taken. */
export async function againstServices(bench: Bench): Promise<Figure[]> {
  const receiver = await Receiver.start()
  const load = await BenchProcess.start('load')
  const running = new Map<string, RunningService>()
  try {
    for (const service of SERVICES) {
      const opened = await RunningService.open(service, receiver.url, process.env)
      if (opened) running.set(service.name, opened)
      else bench.note(`${service.name} was skipped: ${service.prefix}_URL does not say where it runs.`)
    }
    return running.size === 0 ? [] : await compare(bench, running, load, receiver)
  } finally {
    for (const service of running.values()) await service.close()
    await Promise.all([load.stop(), receiver.stop()])
  }
}

async function compare(
  { postgres, rounds, quick, note }: Bench,
  running: ReadonlyMap<string, RunningService>,
  load: BenchProcess,
  receiver: Receiver,
): Promise<Figure[]> {
  const calls = quick ? 2_000 : 20_000
  const overtaken = new Map<string, number>()
  const database = await postgres.database()
  const tract = await Tract.start(database)
  try {
    const organisation = await tract.organisation(receiver.url)
    await receiver.expect(2 * USERS.count)
    await meetUsers(load, tract, organisation)
    await receiver.reach()
    const call = { port: tract.port, connections: CONNECTIONS, calls, ...messageCall(organisation.writer, USERS) }
    const ofTract = async () => {
      await receiver.expect(calls)
      await load.call('flood', call)
      await receiver.reach()
      const seen = await receiver.seenInOrder()
      return perSecond(seen, seen.lastAt)
    }
    const runs = [...running].map(([name, service]) => {
      const run = async () => {
        const one = await service.run(load, receiver, calls)
        overtaken.set(name, (overtaken.get(name) ?? 0) + one.overtaken)
        return one.rate
      }
      return [name, run] as const
    })
    const results: Record<string, Measured> = await alternate({ TRACT: ofTract, ...Object.fromEntries(runs) }, rounds)
    for (const [name, count] of overtaken)
      note(`${name}: ${count} of ${calls * (rounds + 1)} deliveries came after a later one of their user.`)
    const subject = results.TRACT as Measured
    return [...running.keys()].map((name) =>
      figure({ name: `deliveries, against ${name}`, unit: '/s', subject, limit: results[name] as Measured }),
    )
  } finally {
    await tract.stop()
    await database.drop()
  }
}
