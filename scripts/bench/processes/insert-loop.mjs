/** The limit of accepting: one row, one INSERT, one commit, over and over. */
import { answer, clock } from './answer.mjs'
import { ofServer } from './of-server.mjs'

const pg = ofServer('pg')
const BODY = JSON.stringify({
  text: 'Where is my order? It was to come on Monday.',
  type: 'TEXT',
  data: { quick_replies: [] },
})

let clients = []

async function connect({ url, connections }) {
  await disconnect()
  clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }))
  await Promise.all(clients.map((client) => client.connect()))
}

async function disconnect() {
  await Promise.all(clients.splice(0).map((client) => client.end()))
}

answer({
  connect,
  disconnect,
  /** As many rows as can be inserted in so many milliseconds, each connection with one statement under way. */
  run: async ({ milliseconds }) => {
    const startedAt = clock()
    let inserted = 0
    await Promise.all(
      clients.map(async (client, index) => {
        while (clock() - startedAt < milliseconds) {
          await client.query({
            name: 'insert',
            text: 'insert into bench_rows (user_id, body, at) values ($1, $2, $3)',
            values: [`u${index}`, BODY, new Date()],
          })
          inserted++
        }
      }),
    )
    return { inserted, milliseconds: clock() - startedAt }
  },
})
