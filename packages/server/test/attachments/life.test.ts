/** How files go: with their user, with their message, or for want of a message; and what is left by processes that died. */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Answer, type Caller, call, ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { ago } from '@tract/testing/stored'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { FolderStore } from '../../src/attachments/folder-store.js'
import { PNG, uploaded } from './files.js'

const DAY_S = 86_400

let service: TestService
let world: World<'iva' | 'md' | 'desk'>
let md: Caller

beforeAll(async () => {
  service = await TestService.start({
    strayFiles: { look: 20, again: 500 },
    retention: { look: 50, round: 300, keep: 86_400_000 },
  })
  world = await service.world({ iva: 'iva', md: 'md', desk: 'ect' })
  md = world.listeners.md
})
afterAll(() => service.close())

const say = (user_id: string, ...ids: string[]): Promise<Answer['body']> =>
  ok(
    md.post('/platform/message/send/', {
      user_id,
      message_body: 'See',
      sender: 'ceu',
      user: {},
      attachments: ids.map((id) => ({ id })),
    }),
  )

const status = async (by: Caller, id: string) => (await by.get(`/tract/attachments/${id}`)).status

async function onDisk(): Promise<string[]> {
  const entries = await readdir(join(service.dataDir, 'attachments'), { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
}

const isGone = (...ids: string[]) =>
  until(async () => {
    const files = await onDisk()
    return ids.every((id) => !files.includes(id))
  }, 'no such file on disk')

describe('files go', () => {
  test('with their user, and no link leads to them', async () => {
    const [one, two, other] = [await uploaded(md, PNG), await uploaded(md, 'two'), await uploaded(md, 'of another')]
    await say('erased', one.id)
    await say('erased', one.id, two.id)
    await say('kept', other.id)
    const { url } = await ok(md.post('/tract/attachments/link/', { id: one.id }))
    expect((await fetch(url)).status).toBe(200)
    await ok(md.post('/platform/user/erase/', { user_id: 'erased' }))
    expect([await status(md, one.id), await status(md, two.id), (await fetch(url)).status]).toEqual([404, 404, 404])
    await isGone(one.id, two.id)
    expect(await status(md, other.id)).toBe(200)
    expect(await service.stored.rows('attachments', { id: [one.id, two.id] })).toEqual([])
  })

  test('with the last message that names them, when that is old', async () => {
    const [old, again] = [await uploaded(md, 'old'), await uploaded(md, 'named again')]
    await say('aging', old.id, again.id)
    await say('aging', again.id)
    await service.stored.change('messages', { timestamp: ago(2 * DAY_S) }, { user_id: 'aging', message_id: 1 })
    await isGone(old.id)
    expect([await status(md, old.id), await status(md, again.id)]).toEqual([404, 200])
    await service.stored.change('messages', { timestamp: ago(2 * DAY_S) }, { user_id: 'aging' })
    await isGone(again.id)
  })

  test('after a day without a message', async () => {
    const [old, young] = [await uploaded(md, 'old'), await uploaded(md, 'young')]
    await service.stored.change('attachments', { created_at: ago(DAY_S + 3_600) }, { id: old.id })
    await isGone(old.id)
    expect([await status(md, old.id), await status(md, young.id)]).toEqual([404, 200])
    const late = await md.post('/platform/message/send/', {
      user_id: 'late',
      message_body: 'See',
      sender: 'ceu',
      user: {},
      attachments: [{ id: old.id }],
    })
    expect([late.status, late.body.code]).toEqual([404, 'attachment_not_found'])
  })
})

describe('what a process that died has left', () => {
  const announce = (id: string, due_at: Date) =>
    service.stored.insert('stray_files', { organisation_id: world.organisation, id, due_at })

  test('of a file that was kept and became no attachment is removed when it is due', async () => {
    const [due, young] = [randomUUID(), randomUUID()]
    for (const id of [due, young]) {
      const folder = join(service.dataDir, 'attachments', world.organisation, id.slice(-2))
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, id), 'left')
    }
    await announce(young, ago(-3_600))
    await announce(due, ago(1))
    await isGone(due)
    expect(await onDisk()).toContain(young)
  })

  test('of a file that was arriving is removed with it, or by the next start', async () => {
    const [announced, lost, live] = [randomUUID(), randomUUID(), randomUUID()]
    const incoming = join(service.dataDir, 'attachments/incoming')
    for (const id of [announced, lost, live]) await writeFile(join(incoming, id), 'left')
    await announce(announced, ago(1))
    await isGone(announced)
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000)
    await utimes(join(incoming, lost), hoursAgo, hoursAgo)
    await FolderStore.open(join(service.dataDir, 'attachments'))
    expect(await onDisk()).not.toContain(lost)
    expect(await onDisk()).toContain(live)
  })

  test('of an attachment whose file is lost is said, and no error of the service', async () => {
    const { id } = await uploaded(md, 'lost')
    await rm(join(service.dataDir, 'attachments', world.organisation, id.slice(-2), id))
    const answer = await md.get(`/tract/attachments/${id}`)
    expect([answer.status, answer.body.code]).toEqual([404, 'attachment_not_found'])
  })
})

describe('a link', () => {
  test('gives the file without a token, in parts too, until it is revoked', async () => {
    const file = await uploaded(md, PNG, 'photo.png')
    const { desk } = world.listeners
    await say('linked', file.id)
    const link = await ok(md.post('/tract/attachments/link/', { id: file.id, valid_for_seconds: 60 }))
    const other = await ok(md.post('/tract/attachments/link/', { id: file.id }))
    expect(Date.parse(link.expires_at) - Date.now()).toBeLessThanOrEqual(60_000)
    const whole = await fetch(link.url)
    expect(Buffer.from(await whole.arrayBuffer())).toEqual(PNG)
    expect(whole.headers.get('content-disposition')).toBe('inline; filename="photo.png"')
    const part = await fetch(link.url, { headers: { range: 'bytes=1-3' } })
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      206,
      'PNG',
      `bytes 1-3/${PNG.length}`,
    ])
    for (const range of ['bytes=-1000000', 'bytes=0-1000000']) {
      const all = await fetch(link.url, { headers: { range } })
      expect([all.status, all.headers.get('content-range')]).toEqual([206, `bytes 0-${PNG.length - 1}/${PNG.length}`])
      expect(Buffer.from(await all.arrayBuffer())).toEqual(PNG)
    }
    expect((await fetch(link.url, { headers: { range: 'lines=1-3' } })).status).toBe(200)
    // another listener's links are its own
    expect((await desk.post('/tract/attachments/unlink/', { id: file.id })).status).toBe(404)
    expect(await ok(md.post('/tract/attachments/unlink/', { id: file.id, link_id: link.link_id }))).toEqual({
      revoked: 1,
    })
    expect([(await fetch(link.url)).status, (await fetch(other.url)).status]).toEqual([404, 200])
    expect(await ok(md.post('/tract/attachments/unlink/', { id: file.id }))).toEqual({ revoked: 1 })
    expect((await fetch(other.url)).status).toBe(404)
  })

  test('ends by itself, and is nowhere in the database', async () => {
    const { id } = await uploaded(md, 'x')
    const { url, link_id } = await ok(md.post('/tract/attachments/link/', { id }))
    const secret = url.split('/').at(-1)
    const { rows } = await service.stored.pool.query('select l::text as row from attachment_links l where id = $1', [
      link_id,
    ])
    expect(rows[0].row).not.toContain(secret)
    await service.stored.change('attachment_links', { expires_at: ago(1) }, { id: link_id })
    const answer = await call(url, { method: 'GET' })
    expect([answer.status, answer.body.code]).toEqual([404, 'link_not_found'])
  })
})
