/** What ten processes on a server of a hundred connections are set to: it bounds each, and nothing waits for ever. */
import { expect, test } from '@jest/globals'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import pg from 'pg'

const MESSAGES = 300
const USERS = 60
/** 3 for calls, 2 for deliveries, 3 that hear, and one that finds out whether anything can be written. */
const MOST = 9

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
    await until(() => receiver.received.length === MESSAGES, 'every delivery')
    isOver = true
    await watching
    expect(most).toBeGreaterThan(3)
    expect(most).toBeLessThanOrEqual(MOST)
    const bodies = receiver.messages().filter(({ user_id }) => user_id === 'user 7')
    expect(bodies.map(({ message_body }) => message_body.text)).toEqual(['0', '1', '2', '3', '4'])
  } finally {
    await watcher.end()
    await receiver.close()
    await service.close()
  }
})
