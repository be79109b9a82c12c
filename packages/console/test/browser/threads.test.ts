/** Threads as an operator sees them, in a real browser. */

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { newMemory } from '../../../server/src/threads/thread.js'
import { writePast } from '../../../server/test/support/history.js'
import { routeTo } from '../../src/router/route.js'
import { axeFindings } from './support/axe.js'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import type { Visit } from './support/visit.js'
import { expectWellInBoth } from './support/well.js'

type Name = 'iva' | 'md' | 'desk' | 'sac' | 'archive' | 'quality'

const HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>{{7*7}}'

inBrowser('threads in the console', () => {
  let tract: ConsoleHost
  let receiver: Receiver
  let world: World<Name>

  beforeAll(async () => {
    tract = await ConsoleHost.open()
    receiver = await Receiver.start()
    world = await tract.service.world({
      ...{ iva: 'iva', md: 'md', desk: 'ect', sac: 'sac', archive: 'analytics', quality: 'analytics' },
    } as const)
    for (const listener of Object.values(world.listeners)) await receiver.hear(listener, 'message.receive')
  })
  afterAll(async () => {
    await receiver?.close()
    await tract?.close()
  })

  const write = (userId: string, text: string, user: object = {}) =>
    ok(
      world.listeners.md.post('/platform/message/send/', {
        ...{ user_id: userId, message_body: text, sender: 'ceu', user },
      }),
    )

  const pass = (userId: string) => world.pass(userId, 'iva', 'desk')

  const openThread = async (userId: string, options = {}): Promise<Visit> => {
    const visit = await tract.operator(options)
    await visit.go(routeTo(world.organisation, 'threads', userId).slice('/console/'.length))
    return visit
  }

  const leave = async (visit: Visit) => {
    await visit.close()
    expect(visit.problems).toEqual([])
    const { client_secret } = tract.service.demo.admin
    const telling = [client_secret, 'Hello', 'Is anybody there'].map(encodeURIComponent)
    expect(visit.addresses.filter((address) => telling.some((secret) => address.includes(secret)))).toEqual([])
  }

  test('are listed with who is in control, filtered, and opened, by keyboard alone', async () => {
    for (const userId of ['asha', 'other']) await write(userId, 'Hello')
    await write('ben', 'My roaming was dear', { user_name: 'Ben Okafor' })
    await pass('asha')
    const visit = await tract.visit()
    const { page } = visit
    await visit.go('')
    await visit.tabTo('textbox', 'Client id')
    await page.keyboard.type(tract.service.demo.admin.client_id)
    await page.keyboard.press('Tab')
    await page.keyboard.type(tract.service.demo.admin.client_secret)
    await page.keyboard.press('Enter')
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
    await visit.tabTo('combobox', 'Organisation')
    await page.keyboard.press('Enter')
    await page.locator('[role=option][data-active-item]').waitFor()
    await page.keyboard.type('Test')
    await page.locator('[role=option][data-active-item]', { hasText: 'Test' }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/${world.organisation}/**`)
    await visit.tabTo('link', 'Threads')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'asha' }).waitFor()
    // the last active stands first
    expect(await page.getByRole('table').getByRole('link').first().textContent()).toBe('asha')
    await visit.tabTo('searchbox', 'Words of a message')
    await page.keyboard.type('roaming DEAR')
    await until(() => page.url().includes('text=roaming+DEAR'), 'an address with the words')
    await until(async () => {
      // what was just said is found about a second later
      await page.reload()
      await page.getByRole('table').or(page.getByText('No thread matches')).waitFor()
      return page.getByText('My roaming was dear').isVisible()
    }, 'the message with these words')
    expect(await page.getByRole('link', { name: 'asha' }).count()).toBe(0)
    await expectWellInBoth(visit, 'threads found by words')
    await visit.tabTo('searchbox', 'Words of a message')
    await page.keyboard.press('Control+A')
    await page.keyboard.press('Delete')
    await page.getByRole('link', { name: 'asha' }).waitFor()
    await visit.tabTo('searchbox', 'Name begins with')
    await page.keyboard.type('ben o')
    await page.getByRole('link', { name: 'asha' }).waitFor({ state: 'hidden' })
    await page.getByRole('link', { name: 'ben' }).waitFor()
    await page.keyboard.press('Control+A')
    await page.keyboard.press('Delete')
    await page.getByRole('link', { name: 'asha' }).waitFor()
    await visit.tabTo('combobox', 'In control')
    await page.keyboard.type('desk')
    await page.getByRole('link', { name: 'ben' }).waitFor({ state: 'hidden' })
    expect(await page.getByRole('row').filter({ hasText: 'asha' }).textContent()).toContain('incomplete')
    await visit.tabTo('link', 'asha')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'asha' }).waitFor()
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('asha')
    await leave(visit)
  })

  test('show what happened, and each delivery down to its attempts', async () => {
    let refused = 0
    receiver.answer = ({ body }) =>
      body.user_id === 'tried' && refused++ < 1
        ? { status: 500, body: { error: 'no room' } }
        : { body: { success: true } }
    await write('tried', 'Is anybody there?')
    const visit = await openThread('tried')
    const { page } = visit
    await page
      .getByText(/: delivered, 2 attempts/)
      .first()
      .waitFor({ state: 'attached' })
    const row = page.getByRole('button', { name: /Is anybody there\?/ })
    await row.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Message 1' })
    const tried = dialog.getByRole('row').filter({ hasText: /2Attempts$/ })
    await tried.getByRole('button').click()
    await dialog.getByText('500 status_5xx').waitFor()
    await dialog.getByText('no room').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('Is anybody there?')
    await leave(visit)
  })

  test('follow what happens while they are looked at', async () => {
    await write('live', 'First')
    const visit = await openThread('live')
    const { page } = visit
    await page.getByText('First', { exact: true }).waitFor()
    await write('live', 'Second')
    await page.getByText('Second', { exact: true }).waitFor()
    await pass('live')
    await page.getByRole('img', { name: 'State of the conversation: incomplete; desk is in control' }).waitFor()
    await leave(visit)
  })

  test('change hands by the buttons, and say why they do not', async () => {
    await write('control', 'Hello')
    const visit = await openThread('control')
    const { page } = visit
    await page.getByText(/Not allowed now, and why/).click()
    await page
      .getByText(/not_primary/)
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'iva: pass to desk' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Pass', exact: true }).click()
    await page.getByText('Done.').waitFor()
    await page.getByRole('button', { name: 'desk: agent allocated' }).click()
    await page.getByRole('img', { name: 'State of the conversation: pinned; desk is in control' }).waitFor()
    await page.getByRole('button', { name: 'sac: take control' }).click()
    await page.getByRole('img', { name: /sac is in control/ }).waitFor()
    await leave(visit)
  })

  test('say what the author of a message changed, and took back', async () => {
    for (const text of ['The first', 'The second']) await write('corrected', text)
    const correct = (subtype: 'edited' | 'deleted', metadata: object) =>
      ok(
        world.listeners.md.post('/platform/event/send/', {
          ...{ user_id: 'corrected', type: 'message', subtype, metadata: JSON.stringify(metadata) },
        }),
      )
    await correct('edited', { message_id: 1, message_body: 'The first, in other words' })
    await correct('deleted', { message_id: 2 })
    const visit = await openThread('corrected')
    const { page } = visit
    await page.getByRole('button', { name: /Deleted by its author/ }).waitFor()
    await page.getByRole('button', { name: /edited.*The first, in other words/ }).click()
    const entry = page.getByRole('dialog', { name: 'Message 1' })
    await entry.getByText(/it said at first/).waitFor()
    await entry.getByText(/"The first"/).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await leave(visit)
  })

  test('run nothing of what users, tools and operators call things', async () => {
    const { desk } = world.listeners
    await write(HOSTILE, HOSTILE, { user_name: HOSTILE })
    await pass(HOSTILE)
    const metadata = JSON.stringify({ agent_name: HOSTILE, reason: HOSTILE, from: HOSTILE })
    await ok(desk.post('/tract/event/send', { user_id: HOSTILE, type: 'aeu_events', subtype: 'allocated', metadata }))
    await ok(
      desk.post('/tract/event/send', { user_id: HOSTILE, type: 'aeu_events', subtype: 'received', metadata: HOSTILE }),
    )
    await ok(desk.post('/tract/message/send/', { user_id: HOSTILE, sender: 'aeu', message_body: HOSTILE }))
    await ok(
      desk.post('/tract/message/send/', { user_id: HOSTILE, sender: 'aeu', message_body: 'gnp\u202eexe\u001b[2J' }),
    )
    receiver.answer = ({ body }) =>
      body.message_body?.text === 'refused' ? { status: 400, body: HOSTILE } : { body: { success: true } }
    await ok(desk.post('/tract/message/send/', { user_id: HOSTILE, sender: 'aeu', message_body: 'refused' }))
    const visit = await openThread(HOSTILE)
    const { page } = visit
    await page.getByRole('heading', { level: 1, name: HOSTILE }).waitFor()
    await page.getByText(HOSTILE).nth(3).waitFor()
    await page.getByText('gnp\\u202eexe\\u001b[2J').first().waitFor()
    const row = page.getByRole('button', { name: 'refused' })
    await row.click()
    await page.getByRole('button', { name: 'Attempts at md' }).click()
    await page.getByRole('dialog').getByText('status_4xx').first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'All threads' }).click()
    await page.getByRole('link', { name: HOSTILE }).waitFor()
    expect(await page.locator('img, [onerror]').count()).toBe(0)
    receiver.answer = () => ({ body: { success: true } })
    await leave(visit)
  })

  test.each(['light', 'dark'] as const)('have no fault that axe finds, %s', async (colorScheme) => {
    const userId = `axe-${colorScheme}`
    await write(userId, 'Hello')
    await pass(userId)
    const visit = await openThread(userId, { colorScheme })
    const { page } = visit
    await page.getByText('Hello', { exact: true }).waitFor()
    await page.getByText(/Not allowed now, and why/).click()
    expect(await axeFindings(page)).toEqual([])
    await page.getByRole('button', { name: /Hello/ }).click()
    await page.getByRole('dialog').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'All threads' }).click()
    await page.getByRole('link', { name: userId }).waitFor()
    expect(await axeFindings(page)).toEqual([])
    await leave(visit)
  })

  test('fit a phone', async () => {
    await write('phone', 'Hello')
    const visit = await openThread('phone', { viewport: { width: 360, height: 740 } })
    const { page } = visit
    await page
      .getByText(/\d delivered/)
      .first()
      .waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360)
    await leave(visit)
  })

  test('of a thousand messages are on the page only in part', async () => {
    const { stored } = tract.service
    const start = Date.now() - 2_000_000
    const at = Array.from({ length: 1000 }, (_, number) => new Date(start + number * 1000))
    for (const listener of ['iva', 'desk', 'sac', 'archive', 'quality']) {
      await writePast(stored.pool, {
        organisationId: world.organisation,
        userId: 'long',
        listener,
        at,
        ended: at.length,
      })
    }
    await stored.change('threads', { memory: newMemory() }, { user_id: 'long' })
    await stored.pool.query(
      "update messages set message_body = message_body || jsonb_build_object('text', 'No. ' || message_id, 'data', '{}'::jsonb) where user_id = $1",
      ['long'],
    )
    await write('long', 'The last one')
    const visit = await openThread('long')
    const { page } = visit
    await page.getByText('The last one').waitFor()
    const list = page.getByRole('list', { name: 'The newest first' })
    expect(await list.getByRole('listitem').count()).toBeLessThan(60)
    await page.getByRole('button', { name: /The last one/ }).focus()
    // End goes to the last row that is known, and older ones come, until the first of all is there
    await until(async () => {
      await page.keyboard.press('End')
      return (await list.getByRole('listitem').last().getAttribute('aria-setsize')) !== '-1'
    }, 'the oldest entry')
    await page.keyboard.press('End')
    expect(await list.getByRole('listitem').last().getAttribute('aria-posinset')).toMatch(/^\d{4}$/)
    await leave(visit)
  })
})
