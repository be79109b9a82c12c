/** What the search of messages costs an accept, and how soon its first page comes. */
import { wordsOf } from '../../packages/server/src/accept/searched.js'
import { answeredPerSecond, type Flood, meetUsers, USERS } from './accept.js'
import { addHistory, addUsers, settle, template } from './backlog.js'
import type { Bench, BenchSet } from './bench.js'
import type { BenchDatabase } from './database.js'
import { atMost, type Figure, figure, measured } from './figure.js'
import { alternate, median } from './measure.js'
import { BenchProcess } from './processes.js'
import { Receiver } from './receiver.js'
import { ACCEPTS_ONLY, messageCall, type Organisation, Tract } from './tract.js'

const CONNECTIONS = 64
const SEARCHED = { prefix: 's', count: 100_000 }
const EACH = 10
const REPEATED = 9

/** Of a million messages: which of them have the words. */
const SEARCHES = {
  'a word of one message': 'number777777',
  'a word of 1 in 1,000': 'topic7',
  'a word of 1 in 125': 'area7',
  'a word of all': 'order',
  'two words, of all and of one': 'order number777777',
  'two words of many that no message has both of': 'half0 half1',
}

export const search: BenchSet = {
  name: 'search',
  about: `What a message costs to accept while messages are read for the search, against none of that; and the first page of searches in a million messages.`,
  async run(bench) {
    return [await costOfAccept(bench), ...(await firstPages(bench))]
  },
}

async function costOfAccept(bench: Bench): Promise<Figure> {
  const load = await BenchProcess.start('load')
  const services = { on: await accepting(bench, load, 'on'), off: await accepting(bench, load, 'off') }
  const run = async ({ tract, organisation }: Accepting) => {
    const call = { port: tract.port, connections: CONNECTIONS, milliseconds: bench.quick ? 1_500 : 6_000 }
    return (
      1e6 / answeredPerSecond(await load.call<Flood>('flood', { ...call, ...messageCall(organisation.writer, USERS) }))
    )
  }
  try {
    const { on, off } = await alternate({ on: () => run(services.on), off: () => run(services.off) }, bench.rounds)
    const count = await services.on.database.count('message_words')
    const all = await services.on.database.count('messages')
    bench.note(`search: of ${all} messages that came as fast as they were answered, ${count} had been read by the end.`)
    return figure({
      name: 'a message accepted while messages are read for the search',
      unit: 'µs',
      subject: on,
      limit: off,
      bar: atMost(1.1),
    })
  } finally {
    for (const { tract } of Object.values(services)) await tract.stop()
    for (const { database } of Object.values(services)) await database.drop()
    await load.stop()
  }
}

interface Accepting {
  database: BenchDatabase
  tract: Tract
  organisation: Organisation
}

async function accepting({ postgres }: Bench, load: BenchProcess, TRACT_SEARCH: string): Promise<Accepting> {
  const database = await postgres.database()
  const tract = await Tract.start(database, ACCEPTS_ONLY, { TRACT_SEARCH })
  const organisation = await tract.organisation('http://127.0.0.1:9/')
  await meetUsers(load, tract, organisation)
  return { database, tract, organisation }
}

async function firstPages({ postgres, quick, rounds }: Bench): Promise<Figure[]> {
  process.stderr.write('  filling: a million messages\n')
  const database = await postgres.database()
  const receiver = await Receiver.start()
  try {
    const first = await Tract.start(database)
    const organisation = await first.organisation(receiver.url)
    const rows = await template(database, first, organisation)
    await first.stop()
    const users = { ...SEARCHED, count: quick ? SEARCHED.count / 20 : SEARCHED.count }
    await addUsers(database, rows, users)
    await addHistory(database, rows, users, EACH)
    await read(database, organisation.id)
    await settle(database)
    const tract = await Tract.start(database, ACCEPTS_ONLY)
    try {
      const figures: Figure[] = []
      for (const [name, text] of Object.entries(SEARCHES)) {
        const times: number[] = []
        for (let round = 0; round <= rounds; round++) {
          const taken = await timesOf(tract, organisation.id, text)
          if (round > 0) times.push(taken)
        }
        const subject = measured(times, (time) => time)
        figures.push(figure({ name: `first page: ${name}`, unit: 'ms', subject, bar: atMost(300, 'value') }))
      }
      return figures
    } finally {
      await tract.stop()
    }
  } finally {
    await database.drop()
    await receiver.stop()
  }
}

/** The words of all messages, each with some of its own: what the service writes as it reads them. */
async function read({ client }: BenchDatabase, organisationId: string): Promise<void> {
  const text = `lower(message_body ->> 'text') || ' number' || n || ' topic' || n % 1000 || ' area' || n % 125 || ' half' || n % 2`
  await client.query(
    `insert into message_words select bucket, organisation_id, user_id, message_id, array_to_tsvector(${wordsOf('m.text', 'organisation_id')})
      from (select *, ${text} as text from (select *, row_number() over () as n from messages) m) m where organisation_id = $1 on conflict do nothing`,
    [organisationId],
  )
  await client.query(`update threads set last_activity_at = now() - (random() * 86400)::int * interval '1 second'`)
  await client.query(`update threads set active_in = date_bin('10 minutes', last_activity_at, timestamptz 'epoch')`)
}

async function timesOf(tract: Tract, organisation_id: string, text: string): Promise<number> {
  const query = new URLSearchParams({ organisation_id, text, order: 'last_activity' })
  const token = await tract.admin()
  const times: number[] = []
  for (let count = 0; count < REPEATED; count++) {
    const began = performance.now()
    await tract.get(`/platform/threads/?${query}`, token)
    times.push(performance.now() - began)
  }
  return median(times)
}
