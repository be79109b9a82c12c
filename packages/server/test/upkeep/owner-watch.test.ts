import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { PATIENT_SETTINGS } from '@tract/testing/patient-settings'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import { DELIVERY_SETTINGS, type DeliverySettings } from '../../src/deliver/settings.js'

/** So long that the machine cannot be as slow. */
const UNREACHABLE_AFTER_S = 3_600

let service: TestService

beforeAll(async () => {
  // It delivers nothing itself: the attempts are those of the process that is killed.
  service = await TestService.start({ delivery: { lanesInMemory: 0 } })
})
afterAll(() => service.close())

/** A second process on the same database, with its heart set on the lanes. */
async function startAnother(delivery: Partial<DeliverySettings>) {
  const process = fork(fileURLToPath(new URL('../support/service-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
    env: {
      ...globalThis.process.env,
      DATABASE_URL: service.databaseUrl,
      TRACT_DATA_DIR: service.dataDir,
      TRACT_PORT: '0',
      TRACT_LOG_LEVEL: 'silent',
      NODE_ENV: 'test',
      ...PATIENT_SETTINGS,
      TRACT_TEST_DELIVERY: JSON.stringify(delivery),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  if (process.stdout === null) throw new Error('no output')
  await once(process.stdout, 'data')
  return process
}

test('control returns from an owner that was tried in vain for so long, whoever tried, and not for time in which nobody did', async () => {
  const { organisation, listeners } = await service.world(
    { iva: 'iva', md: 'md', desk: 'ect' },
    { unreachable_after: UNREACHABLE_AFTER_S },
  )
  const desk = await Receiver.start()
  await desk.hear(listeners.desk, 'message.receive')
  desk.answer = () => ({ status: 503 })
  // After the second attempt, the next one is far beyond the organisation's limit.
  const retry = { ...DELIVERY_SETTINGS.retry, delays: [50, 7_200_000] }
  const another = await startAnother({ retry })
  const write = (text: string) =>
    ok(listeners.md.post('/platform/message/send/', { user_id: 'u', message_body: text, sender: 'ceu', user: {} }))
  const { stored } = service
  const ours = { organisation_id: organisation }
  const thread = () => stored.row('threads', ours)
  await write('hello')
  await ok(
    listeners.iva.post('/tract/thread_control/request', {
      user_id: 'u',
      type: 'pass',
      requester: 'iva',
      receiver: 'desk',
    }),
  )
  const second = { ...ours, listener: 'desk', attempt: 2 }
  const failing = await until(() => stored.row('lanes', second), 'the second attempt')
  const due = failing.failing_since.getTime() + UNREACHABLE_AFTER_S * 1000
  expect(failing.next_at.getTime()).toBeGreaterThan(due + 60_000)
  await until(async () => (await thread())?.deadline_at?.getTime() === due, 'the timer')
  // What happens on the thread before then does not put it off.
  await write('is anybody there')
  expect((await thread())?.deadline_at?.getTime()).toBe(due)
  const ended = once(another, 'exit')
  another.kill('SIGKILL')
  await ended
  expect(await thread()).toMatchObject({ owner: 'desk' })

  const goBy = async (seconds: number) => {
    await stored.age(seconds, 'lanes', ['failing_since'])
    await stored.age(seconds, 'threads', ['deadline_at'])
  }

  // The hour goes by without attempts: the timer runs, and is put off.
  await stored.age(UNREACHABLE_AFTER_S, 'dispatchers', ['seen_at'])
  await stored.age(UNREACHABLE_AFTER_S, 'dispatchers', ['alive_until'])
  await goBy(UNREACHABLE_AFTER_S)
  await until(async () => (await thread())?.deadline_at > new Date(Date.now() + 1_000_000), 'the timer to be put off')
  expect(await thread()).toMatchObject({ owner: 'desk' })

  // Attempts go on: only from then on does it go by. Some of it, and then the rest.
  const yetAnother = await startAnother({ retry })
  expect(await thread()).toMatchObject({ owner: 'desk' })
  await goBy(UNREACHABLE_AFTER_S - 1_000)
  expect(await thread()).toMatchObject({ owner: 'desk' })
  await goBy(1_000)
  await until(async () => (await thread())?.owner === 'iva', 'control of the default')
  const over = once(yetAnother, 'exit')
  yetAnother.kill('SIGKILL')
  await over
  expect((await thread())?.memory).toMatchObject({ returned: true, failed: ['desk'] })
  const returned = await stored.rows('events', { ...ours, subtype: 'returned' })
  expect(returned.map(({ metadata }) => JSON.parse(metadata))).toMatchObject([
    { from: 'desk', to: 'iva', reason: 'unreachable' },
  ])
  await desk.close()
})
