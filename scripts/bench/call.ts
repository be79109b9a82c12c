/** What a call costs before and after its handler: TRACT's HTTP layer against bare servers, and against libraries that do as much. */
import type { Bench, BenchSet } from './bench.js'
import { sharesOf, written } from './cpu-profile.js'
import type { BenchDatabase } from './database.js'
import { atLeast, type Bar, type Figure, figure } from './figure.js'
import { alternate, type Measured, type Run, rounded } from './measure.js'
import { BenchProcess } from './processes.js'
import { environmentOf, SERVICE_FLAGS, Tract } from './tract.js'

interface ServerOfBench {
  name: string
  bar?: Bar
  checks: boolean
}

const PATH = '/tract/user/details/'
const BODY = { user_id: '8812', details_requested: ['email', 'plan'] }
const CONNECTIONS = 16
/** Until the compiler has seen enough. */
const WARM_UP_MS = 4_000

/** Servers of processes/servers/; those that check nothing are limits, the others do what TRACT does. */
const SERVERS: readonly ServerOfBench[] = [
  { name: 'tract', checks: true },
  { name: 'fastify', checks: false, bar: atLeast(0.75) },
  { name: 'node-http', checks: false },
  { name: 'fastify-openapi-glue', checks: true, bar: atLeast(1) },
  { name: 'openapi-backend', checks: true, bar: atLeast(2) },
  { name: 'express-openapi-validator', checks: true, bar: atLeast(4) },
]

export const call: BenchSet = {
  name: 'call',
  about:
    'Calls per second of processor time, token check and validation included, with the handler’s database taken out. Every round starts its servers anew: no two processes of the same program are compiled alike.',
  async run(bench) {
    const database = await bench.postgres.database()
    const tract = await Tract.start(database)
    const { desk: token } = await tract.organisation('http://127.0.0.1:9/')
    await tract.stop()
    const load = await BenchProcess.start('load')
    try {
      return await compare(bench, { database, load, token })
    } finally {
      await load.stop()
      await database.drop()
    }
  },
}

interface Parts {
  database: BenchDatabase
  load: BenchProcess
  token: string
}

async function compare({ rounds, quick, note }: Bench, parts: Parts): Promise<Figure[]> {
  const milliseconds = quick ? 500 : 3_000
  const run =
    (server: ServerOfBench): Run =>
    async (round) =>
      withServer(server, parts, async (process, flood) => {
        // The first round does not count, but shows that they do the same.
        if (round === 0) return 0
        await flood(WARM_UP_MS)
        const before = await process.cpu()
        const answered = await flood(milliseconds)
        return (answered / ((await process.cpu()) - before)) * 1_000_000
      })
  const results = await alternate(Object.fromEntries(SERVERS.map((server) => [server.name, run(server)])), rounds)
  for (const server of SERVERS) {
    const each = 1_000_000 / (results[server.name] as Measured).median
    const whose = written(await profiled(server, parts), each)
    note(`call: one of ${server.name} takes ${rounded(each)} µs, by whose code it is: ${whose}.`)
  }
  return SERVERS.filter(({ name }) => name !== 'tract').map(({ name, bar }) =>
    figure({
      name: `call, against ${name}`,
      unit: '/s of CPU',
      subject: results.tract as Measured,
      limit: results[name] as Measured,
      ...(bar && { bar }),
    }),
  )
}

/** Whose code a server spends its time in: apart from the rounds, since a profile takes time itself. */
function profiled(server: ServerOfBench, parts: Parts): Promise<[owner: string, share: number][]> {
  return withServer(server, parts, async (process, flood) => {
    await flood(WARM_UP_MS)
    return sharesOf(await process.profileOf(() => flood(WARM_UP_MS)))
  })
}

/** @param work is given the process, and what calls it for so many milliseconds and answers how often it was answered */
async function withServer<Result>(
  { name, checks }: ServerOfBench,
  { database, load, token }: Parts,
  work: (process: BenchProcess, flood: (milliseconds: number) => Promise<number>) => Promise<Result>,
): Promise<Result> {
  const process = await BenchProcess.start(`servers/${name}`, name === 'tract' ? SERVICE_FLAGS : [])
  try {
    const port = await process.call<number>('start', { environment: environmentOf(database) })
    await demandSame(name, port, token, checks)
    const what = { port, connections: CONNECTIONS, awake: true, path: PATH, token, body: JSON.stringify(BODY) }
    return await work(process, async (milliseconds) => {
      const { answered } = await load.call<{ answered: number }>('flood', { ...what, milliseconds })
      return answered
    })
  } finally {
    await process.stop()
  }
}

/** Whoever is compared with gives the same answers: to a good call, to one that breaks the schema, and to one without a token. */
async function demandSame(name: string, port: number, token: string, checks: boolean): Promise<void> {
  const send = async (body: object, authorization?: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: JSON.stringify(body),
    })
    return `${response.status} ${response.ok ? await response.text() : ''}`
  }
  const bearer = `Bearer ${token}`
  const want: [string, string][] = [
    ['200 {"user_id":"8812","details":{"email":"asha@example.com","plan":"gold"}}', await send(BODY, bearer)],
    ...(checks
      ? ([
          ['400 ', await send({ ...BODY, surprise: 1 }, bearer)],
          ['400 ', await send({ ...BODY, details_requested: [5] }, bearer)],
          ['401 ', await send(BODY)],
          ['401 ', await send(BODY, `${bearer}x`)],
        ] satisfies [string, string][])
      : []),
  ]
  for (const [wanted, got] of want) {
    if (wanted !== got) throw new Error(`${name} answers ${got} instead of ${wanted}: it is not comparable`)
  }
}
