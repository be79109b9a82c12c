/** Limits of the figures: loops that insert rows, or post signed bodies, and do nothing else. */
import { answer, clock } from './answer.mjs'
import { bodyOf, poster } from './delivery.mjs'
import { ofServer } from './of-server.mjs'

const pg = ofServer('pg')
const ROW = JSON.stringify({
  text: 'Where is my order? It was to come on Monday.',
  type: 'TEXT',
  data: { quick_replies: [] },
})

let clients = []
let post

/** As many connections to a database, or to a receiver, as are asked for. */
async function connect({ url, port, connections }) {
  await disconnect()
  if (port !== undefined) post = poster(port, connections)
  if (url === undefined) return
  clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }))
  await Promise.all(clients.map((client) => client.connect()))
}

async function disconnect() {
  await Promise.all(clients.splice(0).map((client) => client.end()))
}

const insertion = (user) => ({
  name: 'insert',
  text: 'insert into bench_rows (user_id, body, at) values ($1, $2, $3)',
  values: [user, ROW, new Date()],
})

answer({
  connect,
  disconnect,

  /** One row, one INSERT, one commit, over and over on every connection. */
  insert: async ({ milliseconds }) => {
    const startedAt = clock()
    let inserted = 0
    await Promise.all(
      clients.map(async (client, index) => {
        for (; clock() - startedAt < milliseconds; inserted++) await client.query(insertion(`u${index}`))
      }),
    )
    return { inserted, milliseconds: clock() - startedAt }
  },

  /** That number of POSTs, one at a time on each connection. Returns the milliseconds they took. */
  post: async ({ deliveries, connections }) => {
    const startedAt = clock()
    let next = 0
    const loop = async () => {
      while (next < deliveries) {
        const index = next++
        await post(bodyOf(`u${index % 1_000}`, Math.floor(index / 1_000) + 1), Math.floor(index / 1_000) + 1)
      }
    }
    await Promise.all(Array.from({ length: connections }, loop))
    return clock() - startedAt
  },
})
