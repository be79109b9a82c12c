/** Hooks that were moved to the stream go back to the URLs that they had: when it ends, and when its reader is gone. */

import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type Caller, ok } from '@tract/testing/call'
import { freePort } from '@tract/testing/listen'
import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import type { Service } from '../../../src/service.js'
import { QUICK } from '../quick-settings.js'

/** Instead of a minute. */
const GONE_AFTER_MS = 3_000

let service: TestService
let desk: Caller
let md: Caller
/** Whose reader has been gone since the test began: once its hook is back, so would be any other's. */
let left: Caller
let receiver: Receiver
const closing: { close(): Promise<void> }[] = []

beforeAll(async () => {
  service = await TestService.start({ delivery: QUICK, streamGoneAfter: GONE_AFTER_MS })
})
afterAll(() => service.close())
beforeEach(async () => {
  const world = await service.world({ desk: 'ect', md: 'md' })
  desk = world.listeners.desk
  md = world.listeners.md
  left = (await service.world({ desk: 'ect' })).listeners.desk
  receiver = await Receiver.start()
  closing.push(receiver)
})
afterEach(() => Promise.all(closing.splice(0).map((each) => each.close())))

const register = (subcategory: string, url: string, by = desk) =>
  ok(by.post('/tract/hooks/register/', { category: 'message', subcategory, url }))
const hooks = async (of = desk) => (await ok(of.get('/tract/hooks/list/'))).hooks
const standing = async (of = desk) =>
  Object.fromEntries(
    (await hooks(of)).map(({ subcategory, url, status }: Record<string, string>) => [subcategory, `${url} ${status}`]),
  )
const stream = (body: object = {}, by = desk) => by.post('/tract/hooks/stream/', body)
const write = (text: string) =>
  ok(md.post('/platform/message/send/', { user_id: 'asha', sender: 'ceu', message_body: text, user: {} }))
const isBack = async (of: Caller) => (await hooks(of))[0].url !== 'tract:stream'

/** For how many milliseconds more the reader of a stream is taken to be there. */
async function aliveFor(id: string): Promise<number> {
  const { alive_until } = await service.stored.row('hook_streams', { stream_id: id })
  return alive_until.getTime() - Date.now()
}

/** A process of the service on the same database. */
async function another(): Promise<Service> {
  const started = await service.startAnother({ TRACT_PUBLIC_URL: service.url }, { streamGoneAfter: GONE_AFTER_MS })
  closing.push(started)
  return started
}

describe('at the end of the stream', () => {
  test('all go back together, as they were, and hear what waited', async () => {
    await register('receive', `${receiver.url}/`)
    const { id } = await register('read', `${receiver.url}/read`)
    await ok(desk.post('/tract/hooks/disable/', { id, reason: 'not yet' }))
    const before = await standing()
    const { stream: opened } = await ok(stream())
    for (const subcategory of ['receive', 'read', 'sent']) await register(subcategory, 'tract:stream')
    for (const subcategory of ['receive', 'read']) await register(subcategory, 'tract:stream') // as another run would
    expect(await hooks()).toMatchObject([
      { subcategory: 'read', url: 'tract:stream', status: 'active', former_url: `${receiver.url}/read` },
      { subcategory: 'receive', url: 'tract:stream', former_url: `${receiver.url}/` },
      { subcategory: 'sent', url: 'tract:stream' },
    ])
    const ended = await ok(stream({ stream: opened, end: 'give_back' }))
    expect(ended).toMatchObject({ stream: opened, attempts: [] })
    expect(ended.given_back.map((hook: { url: string }) => hook.url).sort()).toEqual(
      [`${receiver.url}/`, `${receiver.url}/read`].sort(),
    )
    expect(await standing()).toEqual({ ...before, sent: 'tract:stream active' })
    expect((await hooks())[0]).toMatchObject({ disabled_reason: 'not yet' })
    await write('one')
    await receiver.waitFor(({ body }) => body.message_body?.text === 'one')
    // an answer that was lost: the call again does no harm
    expect((await ok(stream({ stream: opened, end: 'give_back' }))).given_back).toEqual([])
  })

  test('none goes back where another stream was opened since: they are that one’s', async () => {
    await register('receive', `${receiver.url}/`)
    const { stream: former } = await ok(stream())
    await register('receive', 'tract:stream')
    const { stream: newest } = await ok(stream())
    expect((await stream({ stream: former, end: 'give_back' })).body.code).toBe('stream_replaced')
    expect(await standing()).toEqual({ receive: 'tract:stream active' })
    expect((await ok(stream({ stream: newest, end: 'give_back' }))).given_back).toHaveLength(1)
  })

  test('of an end and an opening at the same moment, the hooks are with one of the two', async () => {
    for (let round = 0; round < 10; round++) {
      await register('receive', `${receiver.url}/`)
      const { stream: former } = await ok(stream())
      await register('receive', 'tract:stream')
      const opening = stream().then(async ({ body }) => {
        await register('receive', 'tract:stream')
        return body.stream
      })
      await stream({ stream: former, end: 'give_back' })
      const newest = await opening
      expect(await standing()).toEqual({ receive: 'tract:stream active' })
      await ok(stream({ stream: newest, end: 'give_back' }))
      expect(await standing()).toEqual({ receive: `${receiver.url}/ active` })
    }
  })

  test('they stay, for good, where that is asked for', async () => {
    await register('receive', `${receiver.url}/`)
    const { stream: opened } = await ok(stream())
    await register('receive', 'tract:stream')
    expect((await ok(stream({ stream: opened, end: 'keep' }))).given_back).toEqual([])
    expect((await hooks())[0]).not.toHaveProperty('former_url')
  })

  test('one that was moved elsewhere stays there', async () => {
    await register('receive', `${receiver.url}/`)
    const { stream: opened } = await ok(stream())
    await register('receive', 'tract:stream')
    await register('receive', `${receiver.url}/new`)
    expect((await ok(stream({ stream: opened, end: 'give_back' }))).given_back).toEqual([])
    expect(await standing()).toEqual({ receive: `${receiver.url}/new active` })
  })

  test('what ends has to be named, and one’s own', async () => {
    expect(await stream({ end: 'give_back' })).toMatchObject({ status: 400, body: { issues: [{ path: '/stream' }] } })
    expect((await stream({ stream: randomUUID(), end: 'give_back' })).body.code).toBe('stream_replaced')
  })
})

describe('when its reader is gone', () => {
  /** One that moved its hook, and was killed before it even opened a stream. */
  const leave = async () => {
    await register('receive', `${receiver.url}/left`, left)
    await register('receive', 'tract:stream', left)
  }

  test('they go back, whichever process sees it, and hear what waited', async () => {
    await another()
    await register('receive', `${receiver.url}/`)
    const { stream: opened } = await ok(stream())
    await register('receive', 'tract:stream')
    // it is killed in the middle of a call
    const reader = new AbortController()
    const call = fetch(`${service.url}/tract/hooks/stream/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${desk.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ stream: opened, wait: 20 }),
      signal: reader.signal,
    }).then(
      () => 'answered',
      () => 'cut',
    )
    // that it waits is seen by how long it says that it is there
    await until(async () => (await aliveFor(opened)) > 25_000)
    reader.abort()
    expect(await call).toBe('cut')
    await write('one')
    await receiver.waitFor(({ body }) => body.message_body?.text === 'one')
    expect(await standing()).toEqual({ receive: `${receiver.url}/ active` })
  })

  test('they stay with one that calls again and again', async () => {
    await register('receive', `${receiver.url}/`)
    const { stream: opened } = await ok(stream())
    await register('receive', 'tract:stream')
    await leave()
    while (!(await isBack(left))) await ok(stream({ stream: opened, wait: 0 }))
    expect(await standing()).toEqual({ receive: 'tract:stream active' })
  })

  test('while the service was down nobody could call: its time does not count', async () => {
    const environment = { TRACT_PORT: `${await freePort()}` }
    const own = await TestService.start({ environment, delivery: QUICK, streamGoneAfter: GONE_AFTER_MS })
    closing.push(own)
    const first = (await own.world({ desk: 'ect' })).listeners.desk
    const second = (await own.world({ desk: 'ect' })).listeners.desk
    for (const each of [first, second]) {
      await register('receive', `${receiver.url}/`, each)
      await register('receive', 'tract:stream', each)
    }
    const { stream: opened } = await ok(stream({}, first))
    await own.service.close()
    // as after a long night
    await own.stored.change('hook_streams', { alive_until: ago(86_400) })
    await own.stored.age(86_400, 'hooks', ['updated_at'])
    closing.unshift(await own.startAnother(environment, { streamGoneAfter: GONE_AFTER_MS }))
    // the one whose reader comes back keeps its hook, the other one's goes back
    while (!(await isBack(second))) await ok(stream({ stream: opened, wait: 0 }, first))
    expect(await standing(first)).toEqual({ receive: 'tract:stream active' })
  })
})
