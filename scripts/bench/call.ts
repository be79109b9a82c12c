/** What a call costs before and after its handler: TRACT's HTTP layer against bare servers, and against libraries that do as much. */
import type { Bench, BenchSet } from './bench.js'
import { atLeast, type Bar, type Figure, figure } from './figure.js'
import { alternate, type Run } from './measure.js'
import { BenchProcess } from './processes.js'
import { environmentOf, SERVICE_FLAGS, Tract } from './tract.js'

const PATH = '/tract/user/details/'
const BODY = { user_id: '8812', details_requested: ['email', 'plan'] }
const CONNECTIONS = 16
/** Until the compiler has seen enough. */
const WARM_UP_MS = 4_000

/** Servers of processes/servers/; those that check nothing are limits, the others do what TRACT does. */
const SERVERS: readonly { name: string; bar?: Bar; checks: boolean }[] = [
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
    'Calls per second of processor time, token check and validation included, with the handler’s database taken out.',
  async run(bench) {
    const database = await bench.postgres.database()
    const tract = await Tract.start(database)
    const { desk: token } = await tract.organisation('http://127.0.0.1:9/')
    await tract.stop()
    const load = await BenchProcess.start('load')
    const servers: Server[] = []
    try {
      for (const { name, checks } of SERVERS) {
        const process = await BenchProcess.start(`servers/${name}`, name === 'tract' ? SERVICE_FLAGS : [])
        const port = await process.call<number>('start', { environment: environmentOf(database) })
        await process.profile()
        servers.push({ name, process, port })
        await demandSame(name, port, token, checks)
      }
      return await compare(bench, servers, load, token)
    } finally {
      await Promise.all([load, ...servers.map(({ process }) => process)].map((process) => process.stop()))
      await database.drop()
    }
  },
}

interface Server {
  name: string
  process: BenchProcess
  port: number
}

async function compare(
  { rounds, quick }: Bench,
  servers: Server[],
  load: BenchProcess,
  token: string,
): Promise<Figure[]> {
  const milliseconds = quick ? 500 : 3_000
  const run =
    ({ process, port }: Server): Run =>
    async (round) => {
      const before = await process.cpu()
      const { answered } = await load.call<{ answered: number }>('flood', {
        port,
        connections: CONNECTIONS,
        awake: true,
        milliseconds: round === 0 ? WARM_UP_MS : milliseconds,
        path: PATH,
        token,
        body: JSON.stringify(BODY),
      })
      return (answered / ((await process.cpu()) - before)) * 1_000_000
    }
  const results = await alternate(Object.fromEntries(servers.map((server) => [server.name, run(server)])), rounds)
  const subject = results.tract as (typeof results)[string]
  return SERVERS.filter(({ name }) => name !== 'tract').map(({ name, bar }) =>
    figure({
      name: `call, against ${name}`,
      unit: '/s of CPU',
      subject,
      limit: results[name] as typeof subject,
      ...(bar && { bar }),
    }),
  )
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
