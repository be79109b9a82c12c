/** What a call costs around its handler: TRACT's HTTP layer against servers that check nothing. */
import type { Bench, BenchSet } from './bench.js'
import { atLeast, type Bar, type Figure, figure } from './figure.js'
import { alternate, type Measured } from './measure.js'
import { BenchProcess } from './processes.js'
import { environmentOf, SERVICE_FLAGS, Tract } from './tract.js'

export interface Server {
  /** As the process knows it. */
  name: string
  process: string
  /** Whether it checks the token and the body. */
  checks: boolean
  bar?: Bar
}

const PATH = '/tract/user/details/'
const BODY = { user_id: '8812', details_requested: ['email', 'plan'] }
const CONNECTIONS = 16
/** After which V8 has optimised what is called. */
const WARM_UP_MS = 4_000

const TRACT: Server = { name: 'tract', process: 'servers', checks: true }
const LIMITS: readonly Server[] = [
  { name: 'fastify', process: 'servers', checks: false, bar: atLeast(0.75) },
  { name: 'node-http', process: 'servers', checks: false },
]

export const call: BenchSet = {
  name: 'call',
  about:
    'Calls per second of processor time, with token check and validation and without the handler’s database. Every round starts its servers again: V8 compiles no two processes alike.',
  run: (bench) => callsAgainst(bench, LIMITS),
}

export async function callsAgainst({ postgres, rounds, quick }: Bench, others: readonly Server[]): Promise<Figure[]> {
  const database = await postgres.database()
  const tract = await Tract.start(database)
  const { desk: token } = await tract.organisation('http://127.0.0.1:9/')
  await tract.stop()
  const load = await BenchProcess.start('load')
  const runOf = (server: Server) => async (round: number) => {
    const process = await BenchProcess.start(server.process, server === TRACT ? SERVICE_FLAGS : [])
    try {
      const port = await process.call<number>('start', { server: server.name, environment: environmentOf(database) })
      await process.profile()
      await demandSame(server, port, token)
      // The round that does not count shows only that the servers do the same.
      if (round === 0) return 0
      const what = { port, connections: CONNECTIONS, awake: true, path: PATH, token, body: JSON.stringify(BODY) }
      await load.call('flood', { ...what, milliseconds: WARM_UP_MS })
      const before = await process.cpu()
      const { answered } = await load.call<{ answered: number }>('flood', {
        ...what,
        milliseconds: quick ? 500 : 3_000,
      })
      return (answered / ((await process.cpu()) - before)) * 1_000_000
    } finally {
      await process.stop()
    }
  }
  try {
    const runs = [TRACT, ...others].map((server) => [server.name, runOf(server)])
    const { tract: subject, ...limits } = await alternate(Object.fromEntries(runs), rounds)
    return others.map(({ name, bar }) =>
      figure({
        name: `call, against ${name}`,
        unit: '/s of CPU',
        subject: subject as Measured,
        limit: limits[name] as Measured,
        ...(bar && { bar }),
      }),
    )
  } finally {
    await load.stop()
    await database.drop()
  }
}

/** Each server has to answer good calls, broken bodies and bad tokens as TRACT does. */
async function demandSame({ name, checks }: Server, port: number, token: string): Promise<void> {
  const send = async (body: object, authorization?: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: JSON.stringify(body),
    })
    return `${response.status} ${response.ok ? await response.text() : ''}`
  }
  const bearer = `Bearer ${token}`
  const demand = async (wanted: string, body: object, authorization?: string) => {
    const got = await send(body, authorization)
    if (got !== wanted) throw new Error(`${name} answers ${got} instead of ${wanted}: it is not comparable`)
  }
  await demand('200 {"user_id":"8812","details":{"email":"asha@example.com","plan":"gold"}}', BODY, bearer)
  if (!checks) return
  await demand('400 ', { ...BODY, surprise: 1 }, bearer)
  await demand('400 ', { ...BODY, details_requested: [5] }, bearer)
  await demand('401 ', BODY)
  await demand('401 ', BODY, `${bearer}x`)
}
