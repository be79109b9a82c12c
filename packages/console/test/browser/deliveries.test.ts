/** Deliveries in the browser: found, looked at, and helped along. */

import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import type { Visit } from './support/visit.js'
import { expectWellInBoth } from './support/well.js'

inBrowser('deliveries in the console', () => {
  let host: ConsoleHost
  let receiver: Receiver
  let world: World<'iva' | 'md'>
  let visit: Visit

  const write = (userId: string, text: string) => world.write(userId, text)
  const states = async (userId: string): Promise<string[]> =>
    (await ok(world.listeners.iva.post('/tract/deliveries/list/', { user_id: userId }))).deliveries.map(
      ({ state }: { state: string }) => state,
    )

  beforeAll(async () => {
    host = await ConsoleHost.open()
    receiver = await Receiver.start()
    world = await host.service.world({ iva: 'iva', md: 'md' })
    await receiver.hear(world.listeners.iva, 'message.receive')
    receiver.answer = ({ body }) =>
      body.user_id === 'refused' ? { status: 500, body: { error: 'no <b>room</b>' } } : {}
    await write('asha', 'My bill is wrong')
    await write('refused', 'Nobody takes this')
    await write('refused', 'Nor this')
    await until(async () => (await states('asha'))[0] === 'delivered')
    visit = await host.operator({ timezoneId: 'Asia/Kolkata', permissions: ['clipboard-read', 'clipboard-write'] })
  })
  afterEach(() => {
    expect(visit.problems.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await host?.close()
    await receiver?.close()
  })

  test('are found by user and by state', async () => {
    const { page } = visit
    await visit.go(`${world.organisation}/deliveries?listener=iva`)
    const rows = page.getByRole('table').locator('tbody tr')
    await page.getByText('asha').first().waitFor()
    expect(await rows.count()).toBe(3)
    await page.getByLabel('User id').fill('asha')
    await until(async () => (await rows.count()) === 1, 'the one delivery of asha')
    await page.getByLabel('User id').fill('')
    await page.getByLabel('State').selectOption('pending')
    await until(async () => (await rows.count()) === 2, 'the two that wait')
    expect(new URL(page.url()).searchParams.get('state')).toBe('pending')
    const saved = page.waitForEvent('download')
    await visit.tabTo('link', 'Export CSV')
    await page.keyboard.press('Enter')
    const lines = (await readFile(await (await saved).path(), 'utf8')).trimEnd().split('\r\n')
    expect(lines[0]).toMatch(/^id,listener,user_id,sequence,category,subcategory,state/)
    expect(lines.slice(1).map((line) => line.split(',').slice(2, 7).join())).toEqual([
      'refused,2,message,receive,pending',
      'refused,1,message,receive,pending',
    ])
    await page.getByLabel('Error of an attempt').selectOption('status_5xx')
    await until(async () => (await rows.count()) === 1, 'the one that was tried')
    await page.getByLabel('Error of an attempt').selectOption('timeout')
    await page.getByText('No delivery matches the filters.').waitFor()
    await page.getByLabel('Error of an attempt').selectOption('')
    await page.getByLabel('HTTP status').fill('500')
    await until(async () => (await rows.count()) === 1, 'the one that was answered so')
    expect(new URL(page.url()).searchParams.get('status')).toBe('500')
  })

  test('are kept as lists with a name, and as links that mean the same elsewhere, by keyboard alone', async () => {
    const { page } = visit
    await visit.go(`${world.organisation}/deliveries?listener=iva&state=pending`)
    await page.getByLabel('Created from').fill('2026-01-31T06:00')
    await until(() => page.url().includes('2026-01-31T00%3A30'), 'an address in UTC')
    const { search } = new URL(page.url())
    await visit.tabTo('button', 'Copy link')
    await page.keyboard.press('Enter')
    await page.getByText('Copied.').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url())
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    await visit.tabTo('textbox', 'Name')
    await page.keyboard.type('What waits')
    await page.keyboard.press('Enter')
    await page.getByRole('list', { name: 'Saved lists' }).waitFor()
    await expectWellInBoth(visit, 'deliveries with a saved list')
    await visit.go(`${world.organisation}/deliveries`)
    await page.getByRole('link', { name: 'What waits' }).waitFor()
    await visit.tabTo('link', 'What waits')
    await page.keyboard.press('Enter')
    await until(() => new URL(page.url()).search === search, 'the filters of the list')
    expect(await page.getByLabel('Created from').inputValue()).toBe('2026-01-31T06:00')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('list', { name: 'Saved lists' }).waitFor({ state: 'detached' })
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Save this list…')
  })

  test('say when it was in the zone of who reads, and exactly in UTC at the time that has the focus', async () => {
    const { page } = visit
    await page.getByText('Times: Asia/', { exact: false }).getByText('GMT+5:30', { exact: false }).waitFor()
    await visit.go(`${world.organisation}/deliveries?listener=iva&user=asha`)
    const link = page.getByRole('link', { name: 'message/receive, number 1 for asha' })
    await link.waitFor()
    const created = page.getByRole('table').locator('time').first()
    await created.focus()
    const tip = page.getByRole('tooltip')
    const instant = (await created.getAttribute('datetime')) ?? ''
    await tip.getByText(`${instant.slice(0, 10)} ${instant.slice(11, 23)} UTC`).waitFor()
    await tip.getByText('GMT+5:30', { exact: false }).waitFor()
    expect(await created.getAttribute('aria-describedby')).toBe(await tip.getAttribute('id'))
    await page.keyboard.press('Escape')
    await tip.waitFor({ state: 'detached' })
    await created.hover()
    await tip.waitFor()
    await link.hover()
    await tip.waitFor({ state: 'detached' })
  })

  test('show the request, its signature, and every attempt with its answer', async () => {
    const { page } = visit
    await visit.go(`${world.organisation}/deliveries?listener=iva&user=refused`)
    await page.getByRole('link', { name: 'message/receive, number 1 for refused' }).click()
    await page.getByRole('heading', { name: 'Attempts' }).waitFor()
    await page.getByText('HTTP 500').first().waitFor()
    // what a vendor answers is shown as text, markup too
    expect(await page.getByText('no <b>room</b>').count()).toBeGreaterThan(0)
    await page.getByText('webhook-signature').waitFor()
    await page.getByText(/^v1,/).waitFor()
    await page.getByText('"Nobody takes this"').waitFor()
    await page.getByText(/Waits for: (the pause|the breaker|the answer|nothing)/).waitFor()
  })

  test('say what they wait for', async () => {
    const { page } = visit
    await visit.go(`${world.organisation}/deliveries?listener=iva&user=refused`)
    await page.getByRole('link', { name: 'message/receive, number 2 for refused' }).click()
    await page.getByText('Waits for: its turn. One delivery of the same user before it;', { exact: false }).waitFor()
    await expectWellInBoth(visit, 'a delivery that waits')
    await page.getByRole('link', { name: 'the first', exact: true }).click()
    await page.getByText('HTTP 500').first().waitFor()
  })

  test('say of an attempt that it acknowledged with an id that cannot be kept', async () => {
    const { page } = visit
    const { organisation, listeners } = await host.service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    const teacher = await Receiver.start()
    teacher.answer = ({ hook }) =>
      hook === 'user_events.create_user' ? { body: { success: true, ect_user_id: 'a\0b' } } : {}
    await teacher.hear(listeners.desk, 'user_events.create_user', 'message.receive')
    const message = { user_id: 'taught', message_body: 'Hello', sender: 'ceu', user: {} }
    await ok(listeners.md.post('/platform/message/send/', message))
    await until(async () => {
      const filter = { category: 'user_events', subcategory: 'create_user', state: 'delivered' }
      return (await ok(listeners.desk.post('/tract/deliveries/list/', filter))).deliveries.length > 0
    }, 'the delivery to end')
    await visit.go(`${organisation}/deliveries?listener=desk&user=taught`)
    await page.getByRole('link', { name: 'user_events/create_user, number 1 for taught' }).click()
    await page.getByRole('heading', { name: 'Attempts' }).waitFor()
    await page.getByText('invalid_ect_user_id').first().waitFor()
    await teacher.close()
    await visit.go(`${world.organisation}/deliveries?listener=iva&user=refused`)
    await page.getByRole('link', { name: 'message/receive, number 1 for refused' }).click()
    await page.getByRole('heading', { name: 'Attempts' }).waitFor()
  })

  test('are skipped after a question, and the lane goes on', async () => {
    const { page } = visit
    receiver.answer = ({ body }) => (body.message_body?.text === 'Nobody takes this' ? { status: 500 } : {})
    await page.getByRole('button', { name: 'Skip…' }).click()
    await page.getByRole('dialog', { name: 'Skip this delivery?' }).waitFor()
    for (let refused = true; refused; ) {
      await page.getByRole('button', { name: 'Skip it' }).click()
      // one that is on its way at this moment cannot be skipped
      const refusal = page.getByRole('dialog').getByRole('alert')
      await Promise.race([refusal.waitFor(), page.getByRole('dialog').waitFor({ state: 'detached' })])
      refused = (await refusal.count()) > 0
    }
    await page.getByText('It was skipped.').waitFor()
    await page.locator('.status', { hasText: 'cancelled' }).waitFor()
    await until(async () => (await states('refused')).join() === 'delivered,cancelled', 'that the lane goes on')
  })

  test('are replayed after a preview of what will be sent', async () => {
    const { page } = visit
    const before = receiver.received.length
    await page.getByRole('button', { name: 'Replay…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Replay' })
    await dialog.getByText('1 delivery would be sent again', { exact: false }).waitFor()
    await dialog.getByText('"Nobody takes this"').waitFor()
    expect(receiver.received.length).toBe(before)
    receiver.answer = () => ({})
    await dialog.getByRole('button', { name: 'Replay 1 delivery' }).click()
    await page.getByText('1 delivery will be sent again', { exact: false }).waitFor()
    const sent = await receiver.waitFor(({ headers }) => headers['tract-replay'] === 'true')
    expect(sent.body.message_body.text).toBe('Nobody takes this')
  })

  test('are found and replayed by keyboard alone', async () => {
    const { page } = visit
    const before = receiver.received.length
    await visit.go(`${world.organisation}/deliveries?listener=iva&user=asha`)
    await page.getByRole('link', { name: 'message/receive, number 1 for asha' }).waitFor()
    await visit.tabTo('link', 'message/receive, number 1 for asha')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Request' }).waitFor()
    await visit.tabTo('button', 'Replay…')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('1 delivery would be sent again', { exact: false }).waitFor()
    await visit.tabTo('button', 'Replay 1 delivery')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Replayed' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await until(() => receiver.received.length > before, 'the copy')
  })

  test('are skipped and replayed in bulk, with what that is, a brake and a stop, by keyboard alone', async () => {
    const { page } = visit
    const { iva } = world.listeners
    const [hook] = (await ok(iva.get('/tract/hooks/list/'))).hooks
    await ok(iva.post('/tract/hooks/disable/', { id: hook.id }))
    for (const text of ['One', 'Two', 'Three']) await write('held', text)
    await visit.go(`${world.organisation}/deliveries?listener=iva&user=held&state=pending`)
    await page.getByRole('link', { name: 'message/receive, number 3 for held' }).waitFor()
    await visit.tabTo('button', 'Replay, retry, skip…')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    // of what waits, nothing was tried
    await dialog.getByText('there is nothing to do', { exact: false }).waitFor()
    await page.getByLabel('What to do with what the list finds').focus()
    await page.keyboard.type('Skip')
    const skip = dialog.getByRole('button', { name: 'Skip 3 deliveries' })
    await skip.waitFor()
    expect(await skip.isDisabled()).toBe(true)
    expect(await dialog.getByRole('list', { name: 'By hook' }).textContent()).toBe('message/receive: 3')
    await expectWellInBoth(visit, 'deliveries to skip')
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    await page.route('**/tract/deliveries/skip/', async (route) => {
      await released
      await route.continue()
    })
    await visit.tabTo('textbox', 'How many, to confirm')
    await page.keyboard.type('3')
    await page.keyboard.press('Enter')
    await visit.tabTo('button', 'Stop')
    await page.keyboard.press('Enter')
    await dialog.getByText('It stops after what is under way.', { exact: false }).waitFor()
    release()
    await dialog.getByText('Skipped: 1 of 3. It was stopped before the other 2.').waitFor()
    await visit.tabTo('button', 'Close')
    await page.keyboard.press('Enter')
    expect((await states('held')).sort()).toEqual(['cancelled', 'pending', 'pending'])

    await page.getByLabel('State').selectOption('cancelled')
    await page.getByRole('link', { name: 'message/receive, number 1 for held' }).waitFor()
    await visit.tabTo('button', 'Replay, retry, skip…')
    await page.keyboard.press('Enter')
    await dialog.getByText('"One"').waitFor({ state: 'attached' })
    await visit.tabTo('button', 'Replay 1 delivery')
    await page.keyboard.press('Enter')
    await dialog.getByText('Sent again, each at the end of its lane: 1 of 1.').waitFor()
    await visit.tabTo('button', 'Close')
    await page.keyboard.press('Enter')
    const before = receiver.received.length
    await ok(iva.post('/tract/hooks/enable/', { id: hook.id }))
    await until(() => receiver.received.length >= before + 3, 'what waited, and the copy')
    const heard = receiver.received.slice(before).map(({ body }) => body.message_body.text)
    expect(heard).toEqual(['Two', 'Three', 'One'])
  })
})
