/** What a hand-over carries, in a real browser: agents, contexts, conversations, availability. */

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import type { Page } from 'playwright-core'
import { routeTo } from '../../src/router/route.js'
import { axeFindings } from './support/axe.js'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import type { Visit } from './support/visit.js'

const HOSTILE = '<img src=x onerror="document.title=1">'

const LOOKS = [
  ['wide and light', { viewport: { width: 1280, height: 900 }, colorScheme: 'light' }],
  ['as a phone and dark', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
] as const

inBrowser('a hand-over in the console', () => {
  let host: ConsoleHost
  let receiver: Receiver
  let world: World<'iva' | 'md' | 'desk' | 'night'>

  beforeAll(async () => {
    host = await ConsoleHost.open()
    world = await host.service.world({ iva: 'iva', md: 'md', desk: 'ect', night: 'ect' })
    receiver = await Receiver.start()
    for (const listener of Object.values(world.listeners)) await receiver.hear(listener, 'message.receive')
  })
  afterAll(async () => {
    await host?.close()
    await receiver?.close()
  })

  const open = async (path: string, options: object = {}): Promise<Visit> => {
    const visit = await host.operator(options)
    await visit.go(path.slice('/console/'.length))
    return visit
  }
  const openThread = (userId: string, options: object = {}) =>
    open(routeTo(world.organisation, 'threads', userId), options)

  const leave = async (visit: Visit) => {
    await visit.close()
    expect(visit.problems).toEqual([])
    expect(visit.addresses.filter((address) => /Asha|billing|Ravi/.test(address))).toEqual([])
  }
  /** In reach of everybody, and no wider than the window. */
  const expectWell = async (page: Page) => {
    expect(await axeFindings(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
  }
  const contextOf = async (userId: string, listener: string) => {
    const answer = await ok(world.listeners.iva.post('/tract/thread_control/listeners/', { user_id: userId }))
    return answer.listeners.find(({ id }: { id: string }) => id === listener)?.context
  }
  const say = (user_id: string, message_body: string, agent?: object) =>
    ok(world.listeners.desk.post('/tract/message/send/', { user_id, sender: 'aeu', message_body, agent }))
  const event = (user_id: string, type: string, subtype: string, metadata: object) =>
    ok(world.listeners.desk.post('/tract/event/send', { user_id, type, subtype, metadata: JSON.stringify(metadata) }))
  const rate = (user_id: string, rating: object) => {
    const feedback = { user_id, type: 'user_events', subtype: 'feedback', metadata: JSON.stringify(rating) }
    return ok(world.listeners.md.post('/platform/event/send/', feedback))
  }

  test.each(LOOKS)('names the agent beside what the agent says, %s', async (look, options) => {
    const userId = `agent ${look}`
    await world.write(userId)
    await world.pass(userId, 'iva', 'desk')
    await event(userId, 'aeu_events', 'allocated', { agent: { id: 'a-17', name: 'Ravi Kumar' } })
    await say(userId, 'Your bill is right now.', { id: 'a-17', name: 'Ravi Kumar', team: 'billing' })
    await say(userId, 'Anything else?', { id: 'a-18', name: HOSTILE })
    await say(userId, 'From no agent')
    const visit = await openThread(userId, options)
    const { page } = visit
    const row = (text: string) => page.getByRole('listitem').filter({ hasText: text })
    await row('Your bill is right now.').getByText('Ravi Kumar', { exact: true }).waitFor()
    await row('Anything else?').getByText(HOSTILE, { exact: true }).waitFor()
    await row('allocated').getByText('Ravi Kumar').waitFor()
    expect(await row('From no agent').locator('strong').count()).toBe(0)
    expect(await page.locator('img, [onerror]').count()).toBe(0)
    await row('Your bill is right now.').getByRole('button').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('Ravi Kumar', { exact: true }).waitFor()
    await expectWell(page)
    await page.keyboard.press('Escape')
    await visit.keepScreenshot(`agent, ${look}`)
    await expectWell(page)
    await leave(visit)
  })

  test.each(LOOKS)('takes a context by keyboard, and shows it while the desk has it, %s', async (look, options) => {
    const userId = `context ${look}`
    await world.write(userId)
    const visit = await openThread(userId, options)
    const { page } = visit
    await page.getByRole('button', { name: 'iva: pass to desk…' }).waitFor()
    await visit.tabTo('button', 'iva: pass to desk…')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'iva: pass to desk' })
    await dialog.waitFor()
    await visit.tabTo('textbox', 'Reason')
    await page.keyboard.type('billing')
    await visit.tabTo('textbox', 'Summary')
    await page.keyboard.type(`Asha does not know a charge. ${HOSTILE}`)
    await visit.tabTo('textbox', 'Team')
    await page.keyboard.type('accounts')
    await visit.tabTo('combobox', 'Priority')
    await page.keyboard.type('urgent')
    expect(await dialog.getByLabel('Language').isVisible()).toBe(false)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await visit.tabTo('textbox', 'Language')
    await page.keyboard.type('not a language')
    await visit.tabTo('textbox', 'Skills')
    await page.keyboard.type('refunds, hindi')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').getByText('/context/language', { exact: true }).waitFor()
    expect(await contextOf(userId, 'desk')).toBeUndefined()
    await expectWell(page)
    await visit.keepScreenshot(`pass dialog, ${look}`)
    await dialog.getByLabel('Language').fill('en-IN')
    await visit.tabTo('button', 'Pass')
    await page.keyboard.press('Enter')
    await page.getByText('Done.', { exact: true }).waitFor()
    expect(await contextOf(userId, 'desk')).toEqual({
      ...{ reason: 'billing', summary: `Asha does not know a charge. ${HOSTILE}`, team: 'accounts' },
      ...{ priority: 'urgent', language: 'en-IN', skills: ['refunds', 'hindi'] },
    })
    const context = page.getByRole('region', { name: 'What desk was told' })
    for (const told of ['billing', 'accounts', 'urgent', 'en-IN', 'refunds, hindi', HOSTILE])
      await context.getByText(told).first().waitFor()
    expect(await page.locator('img, [onerror]').count()).toBe(0)
    await expectWell(page)
    await visit.keepScreenshot(`context, ${look}`)
    await page.getByRole('button', { name: 'desk: pass to iva…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Pass', exact: true }).click()
    await context.waitFor({ state: 'detached' })
    expect(await contextOf(userId, 'iva')).toBeUndefined()
    await leave(visit)
  })

  test('is refused by a desk that is closed, with what was entered kept, and may wait there', async () => {
    const reopens_at = new Date(Date.now() + 3_600_000).toISOString()
    await ok(
      world.listeners.night.post('/tract/availability/set/', { status: 'closed', reopens_at, valid_for_seconds: 7200 }),
    )
    await world.write('late')
    const visit = await openThread('late')
    const { page } = visit
    await page.getByRole('button', { name: 'iva: pass to night (closed)…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('billing')
    await dialog.getByRole('button', { name: 'Pass', exact: true }).click()
    await dialog
      .getByRole('alert')
      .getByText(/It opens again/)
      .waitFor()
    expect(await dialog.getByRole('alert').locator('time').first().getAttribute('datetime')).toBe(reopens_at)
    expect(await dialog.getByLabel('Reason').inputValue()).toBe('billing')
    await expectWell(page)
    await visit.keepScreenshot('closed')
    await dialog.getByRole('button', { name: 'Let the user wait there' }).click()
    await page.getByRole('region', { name: 'What night was told' }).waitFor()
    expect(await contextOf('late', 'night')).toEqual({ reason: 'billing' })
    await leave(visit)
  })

  test.each(LOOKS)('is offered, with a clock, until it is answered, %s', async (look, options) => {
    const userId = `offer ${look}`
    await receiver.hear(world.listeners.desk, 'thread_control.offered')
    await world.write(userId)
    const visit = await openThread(userId, options)
    const { page } = visit
    await page.getByRole('button', { name: 'iva: offer to desk…' }).click()
    await page.getByRole('dialog').getByLabel('Reason').fill('billing')
    await page.getByRole('dialog').getByRole('button', { name: 'Offer', exact: true }).click()
    await page.getByText('desk was asked.').waitFor()
    const offer = page.getByRole('region', { name: 'Control is offered' })
    await offer.getByText(/^iva asks desk/).waitFor()
    const clock = offer.getByRole('timer')
    const first = await clock.textContent()
    await until(async () => (await clock.textContent()) !== first, 'the clock to go on')
    await page.getByRole('img', { name: /iva is in control/ }).waitFor()
    await expectWell(page)
    await offer.scrollIntoViewIfNeeded()
    await visit.keepScreenshot(`offer, ${look}`)
    await page.getByRole('button', { name: 'desk: accept the offer' }).click()
    await page.getByRole('img', { name: /desk is in control/ }).waitFor()
    await offer.waitFor({ state: 'detached' })
    await page.getByRole('region', { name: 'What desk was told' }).getByText('billing').waitFor()
    await leave(visit)
  })

  test.each(LOOKS)('ends in a conversation that is listed, with outcome and rating, %s', async (look, options) => {
    const userId = `conversations ${look}`
    const note = 'A long story. '.repeat(40)
    const context = { reason: 'billing', summary: 'A charge of August' }
    const hand = (over: object = {}) =>
      ok(
        world.listeners.iva.post('/tract/thread_control/request', {
          ...{ user_id: userId, type: 'pass', requester: 'iva', receiver: 'desk', context },
          ...over,
        }),
      )
    await world.write(userId)
    await hand()
    await event(userId, 'conversation_state', 'complete', { reason: 'resolved', note: 'Paid back', tags: ['refund'] })
    await rate(userId, { score: 4, resolved: true, comment: HOSTILE })
    await world.write(userId)
    await hand()
    await event(userId, 'conversation_state', 'complete', { reason: 'spam', note })
    await world.write(userId)
    const visit = await openThread(userId, options)
    const { page } = visit
    const row = (number: number) =>
      page
        .getByRole('table', { name: 'Conversations, the newest first' })
        .locator('tbody tr')
        .nth(3 - number)
    await row(3).getByText('open', { exact: true }).waitFor()
    for (const told of ['resolved', 'by desk', 'Paid back', 'Tags: refund', '4 of 5, solved', HOSTILE])
      await row(1).getByText(told).first().waitFor()
    expect(await row(1).getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^iva .+ – .+/),
      expect.stringMatching(/^desk .+ – .+/),
    ])
    await row(1).getByText('What desk was told').focus()
    await page.keyboard.press('Enter')
    await row(1).getByText('A charge of August').waitFor()
    await row(2).getByText('spam').waitFor()
    expect(await row(2).getByText(note.trim()).isVisible()).toBe(false)
    await row(2).getByText('Note', { exact: true }).click()
    await row(2).getByText(note.trim()).waitFor()
    await row(2).getByText('Note', { exact: true }).click()
    expect(await page.locator('img, [onerror]').count()).toBe(0)
    await expectWell(page)
    await page.getByRole('heading', { name: 'Conversations', exact: true }).scrollIntoViewIfNeeded()
    await visit.keepScreenshot(`conversations, ${look}`)
    // what comes while it is looked at
    await rate(userId, { score: 2, resolved: false })
    await row(2).getByText('2 of 5, not solved').waitFor()
    await leave(visit)
  })

  test('that was handed over often shows the newest, and the others when asked', async () => {
    for (let number = 0; number < 12; number++) {
      await world.write('regular')
      await world.pass('regular', 'iva', 'desk')
      await event('regular', 'conversation_state', 'complete', {})
    }
    const visit = await openThread('regular')
    const rows = visit.page.getByRole('table', { name: /^Conversations/ }).locator('tbody tr')
    await visit.page.getByRole('button', { name: 'Show more conversations' }).click()
    await rows.nth(11).waitFor()
    expect(await rows.count()).toBe(12)
    expect(await visit.page.getByRole('button', { name: 'Show more conversations' }).count()).toBe(0)
    await leave(visit)
  })

  test.each(LOOKS)('is not tried at random: the listeners say who is there, %s', async (look, options) => {
    const { desk } = world.listeners
    const busy = { status: 'busy', capacity: 0, waiting: 7, estimated_wait_seconds: 240, valid_for_seconds: 600 }
    await ok(desk.post('/tract/availability/set/', busy))
    await ok(desk.post('/tract/availability/set/', { team: HOSTILE, status: 'open', valid_for_seconds: 600 }))
    const visit = await open(routeTo(world.organisation, 'listeners'), options)
    const { page } = visit
    const list = page.getByRole('list', { name: 'Availability of desk' })
    await list.getByText('room for 0, 7 waiting, about 4 min').waitFor()
    expect(await list.getByRole('listitem').allTextContents()).toEqual([
      expect.stringContaining('busy'),
      expect.stringMatching(/^<img.+: open/),
    ])
    expect(await page.getByRole('list', { name: 'Availability of md' }).count()).toBe(0)
    await page.getByRole('list', { name: 'Availability of iva' }).getByText('open', { exact: true }).waitFor()
    await expectWell(page)
    await visit.keepScreenshot(`availability, ${look}`)
    await ok(desk.post('/tract/availability/set/', { status: 'open', valid_for_seconds: 600 }))
    await list.getByRole('listitem').first().getByText('open', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'desk', exact: true }).click()
    const panel = page.getByRole('region', { name: 'Availability' })
    await panel.getByRole('row').filter({ hasText: HOSTILE }).waitFor()
    expect(await page.locator('img, [onerror]').count()).toBe(0)
    await expectWell(page)
    await leave(visit)
  })
})
