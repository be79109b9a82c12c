/** What a hand-over carries, in a real browser: agents and availability. */

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
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
  let world: World<'iva' | 'md' | 'desk'>

  beforeAll(async () => {
    host = await ConsoleHost.open()
    world = await host.service.world({ iva: 'iva', md: 'md', desk: 'ect' })
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
  const say = (user_id: string, message_body: string, agent?: object) =>
    ok(world.listeners.desk.post('/tract/message/send/', { user_id, sender: 'aeu', message_body, agent }))
  const event = (user_id: string, type: string, subtype: string, metadata: object) =>
    ok(world.listeners.desk.post('/tract/event/send', { user_id, type, subtype, metadata: JSON.stringify(metadata) }))

  test.each(LOOKS)('names the agent beside what the agent says, %s', async (look, options) => {
    const userId = `agent ${look}`
    await world.write(userId)
    await world.pass(userId, 'iva', 'desk')
    await event(userId, 'aeu_events', 'allocated', { agent: { id: 'a-17', name: 'Ravi Kumar' } })
    await say(userId, 'Your bill is right now.', { id: 'a-17', name: 'Ravi Kumar', team: 'billing' })
    await say(userId, 'Anything else?', { id: 'a-18', name: HOSTILE })
    await say(userId, 'From nobody in particular')
    const visit = await openThread(userId, options)
    const { page } = visit
    const row = (text: string) => page.getByRole('listitem').filter({ hasText: text })
    await row('Your bill is right now.').getByText('Ravi Kumar', { exact: true }).waitFor()
    await row('Anything else?').getByText(HOSTILE, { exact: true }).waitFor()
    await row('allocated').getByText('Ravi Kumar').waitFor()
    expect(await row('From nobody in particular').locator('strong').count()).toBe(0)
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
