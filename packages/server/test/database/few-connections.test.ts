/** What ten processes on a server of a hundred connections are set to: it bounds each, and nothing waits for ever. */
import { expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import pg from 'pg'

const MESSAGES = 300
const USERS = 60
/** 3 for calls, 2 for deliveries, one that hears, and one that finds out whether anything can be written. */
const MOST = 7

test('a process with few connections keeps to them, and delivers everything in order', async () => {
  const environment = { TRACT_DATABASE_POOL: '3', TRACT_DATABASE_DELIVERY_POOL: '2' }
  const service = await TestService.start({ environment })
  const receiver = await Receiver.start()
  const watcher = new pg.Client({ connectionString: service.databaseUrl, application_name: 'watcher' })
  await watcher.connect()
  try {
    const world = await service.world({ md: 'md', iva: 'iva' })
    await receiver.hear(world.listeners.iva, 'message.receive')
    let most = 0
    let isOver = false
    const watching = (async () => {
      while (!isOver) {
        const { rows } = await watcher.query(`select count(*) as connections from pg_stat_activity
          where datname = current_database() and application_name <> 'watcher'`)
        most = Math.max(most, rows[0].connections)
      }
    })()
    const ofUser = async (user: number) => {
      for (let number = 0; number < MESSAGES / USERS; number++) await world.write(`user ${user}`, `${number}`)
    }
    await Promise.all(Array.from({ length: USERS }, (_, user) => ofUser(user)))
    // one may come again, where its acknowledgement was too late
    await until(() => new Set(receiver.received.map(({ id }) => id)).size === MESSAGES, 'every delivery')
    isOver = true
    await watching
    expect(most).toBeGreaterThan(3)
    expect(most).toBeLessThanOrEqual(MOST)
    const texts = receiver
      .messages()
      .flatMap(({ user_id, message_body }) => (user_id === 'user 7' ? [message_body.text] : []))
    expect([...new Set(texts)]).toEqual(['0', '1', '2', '3', '4'])
  } finally {
    await watcher.end()
    await receiver.close()
    await service.close()
  }
})

test('processes share what the database gives, as they come and go', async () => {
  const GIVES = 24
  const most = { calls: '"api"} 3\n', deliveries: '"delivery"} 2\n' }
  const service = await TestService.start({
    environment: { TRACT_OPERATIONS_PORT: '0' },
    route: async (url) => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query(
        `do $$ begin execute format('alter database %I connection limit ${GIVES}', current_database()); end $$`,
      )
      await client.end()
      return url
    },
  })
  const page = async () => (await fetch(`${service.service.operationsUrl}/metrics`)).text()
  const has = async (pool: string) => (await page()).includes(`tract_database_connections_max{pool=${pool}`)
  try {
    const notices: string[] = []
    const notice = (text: string) => notices.push(text)
    const others = [await service.startAnother({}, { notice }), await service.startAnother({}, { notice })]
    expect(notices).toEqual([
      `The database gives ${GIVES} connections: of 2 processes, each has 6 for calls and 2 for deliveries at most.`,
      `The database gives ${GIVES} connections: of 3 processes, each has 3 for calls and 2 for deliveries at most.`,
    ])
    await until(async () => (await has(most.calls)) && (await has(most.deliveries)), 'a third each')
    for (const other of others) await other.close()
    await until(() => has('"api"} 13\n'), 'all of it')
    await expect(service.startAnother({ TRACT_PROCESSES: '5' })).rejects.toThrow(
      `TRACT_PROCESSES: the database gives ${GIVES} connections, and 5 need 30 at least. Begin fewer, or raise its max_connections.`,
    )
  } finally {
    await service.close()
  }
})
