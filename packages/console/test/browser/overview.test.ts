/** The overview in the browser: how the last hour went. */

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Overview } from '@tract/contract'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import type { Locator } from 'playwright-core'
import { minutesOf } from '../../src/overview/minutes.js'
import { axeFindings } from './support/axe.js'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import type { Visit } from './support/visit.js'

const LONGEST_NAME = 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn'

inBrowser('the overview in the console, and axe over the views of operations', () => {
  let host: ConsoleHost
  let receiver: Receiver
  let world: World<'iva' | 'md'>
  let visit: Visit

  beforeAll(async () => {
    host = await ConsoleHost.open()
    receiver = await Receiver.start()
    world = await host.service.world({ iva: 'iva', md: 'md' })
    await receiver.hear(world.listeners.iva, 'message.receive')
    receiver.answer = ({ body }) => (body.user_id === 'failing' ? { status: 500 } : {})
    for (const user_id of ['asha', 'ben', 'failing']) {
      const message = { user_id, message_body: 'Hello', sender: 'ceu', user: {} }
      await ok(world.listeners.md.post('/platform/message/send/', message))
    }
    visit = await host.operator()
  })
  afterEach(() => {
    expect(visit.problems.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await host?.close()
    await receiver?.close()
  })

  test('has the figures, the chart, and the way to what waits longest', async () => {
    const { page } = visit
    const admin = await host.service.admin()
    const query = new URLSearchParams({ organisation_id: world.organisation })
    const seen = await until(async () => {
      const answer: Overview = await ok(admin.get(`/platform/deliveries/overview/?${query}`))
      const { accepted, delivered, failed } = answer
      return accepted === 3 && delivered === 2 && failed > 0 ? answer : null
    }, 'the figures')
    // one minute may have ended and another begun between the three messages
    const most = (name: 'accepted' | 'delivered') => Math.max(...minutesOf(seen).map((minute) => minute[name]))
    const summary = `accepted ${most('accepted')}, delivered ${most('delivered')}, failed attempts [1-9]`
    await visit.go(`${world.organisation}/overview`)
    await page.getByRole('img', { name: new RegExp(summary) }).waitFor()
    expect(await page.locator('.minute-chart canvas').count()).toBe(1)
    await page.getByText('In figures').click()
    await page.getByRole('table', { name: /Deliveries a minute/ }).waitFor()
    await page
      .getByRole('row')
      .filter({ hasText: 'iva' })
      .getByRole('img', { name: /^Lag of iva/ })
      .waitFor()
    await page.locator('.figures a').click()
    await page.getByRole('heading', { level: 1, name: 'message/receive' }).waitFor()
    await page.getByText('failing', { exact: true }).waitFor()
  })

  test.each(['light', 'dark'] as const)(
    'and the other views of operations have no fault that axe finds, %s',
    async (colorScheme) => {
      const other = await host.operator({ colorScheme })
      const { page } = other
      const { organisation } = world
      const [failing] = (await ok(world.listeners.iva.post('/tract/deliveries/list/', { user_id: 'failing' })))
        .deliveries
      const views: [path: string, ready: string][] = [
        ['overview', 'Deliveries a minute, in the last hour'],
        ['deliveries?listener=iva', 'failing'],
        [`deliveries/iva/${failing.id}`, 'webhook-signature'],
        ['listeners', 'On their way'],
        ['listeners/iva', 'Register…'],
      ]
      for (const [path, ready] of views) {
        await other.go(`${organisation}/${path}`)
        await page.getByText(ready).first().waitFor()
        expect([path, await axeFindings(page)]).toEqual([path, []])
        await other.keepScreenshot(`${path.replace(/[?].*|[/].*/, '')}-${path.split('/').length}-${colorScheme}`)
      }
      await page.getByRole('button', { name: 'Register…' }).click()
      await page.getByRole('dialog').waitFor()
      expect(await axeFindings(page)).toEqual([])
      expect(other.problems).toEqual([])
      await other.close()
    },
  )

  test('fits a phone, as the other views do, also with names as long as they may be', async () => {
    const phone = await host.operator({ viewport: { width: 360, height: 740 } })
    const { page } = phone
    const long = await host.service.world<'md' | typeof LONGEST_NAME>({ md: 'md', [LONGEST_NAME]: 'ect' })
    await receiver.hear(long.listeners[LONGEST_NAME], 'message.receive')
    await long.write('failing', LONGEST_NAME.repeat(10))
    const views: [path: string, ready: Locator][] = [
      ...['overview', 'deliveries?listener=iva', 'listeners', 'listeners/iva'].map((path): [string, Locator] => [
        `${world.organisation}/${path}`,
        page.getByRole('table').first(),
      ]),
      [`${long.organisation}/overview`, page.getByText(`for ${LONGEST_NAME}`)],
      [`${long.organisation}/start`, page.getByText('A client is there.')],
      [`${long.organisation}/threads/failing`, page.getByRole('button', { name: `${LONGEST_NAME}: complete` })],
      [`${long.organisation}/sandbox/failing`, page.getByRole('button', { name: `${LONGEST_NAME}: complete` })],
      [`${long.organisation}/listeners/${LONGEST_NAME}`, page.getByRole('table').first()],
      [`${long.organisation}/clients`, page.getByRole('table').first()],
    ]
    const wide: string[] = []
    for (const [path, ready] of views) {
      await phone.go(path)
      await ready.waitFor()
      await phone.keepScreenshot(`${path.replace(/^[^/]*/, '').replaceAll(/[/?=]/g, ' ')} phone`)
      if ((await page.evaluate(() => document.documentElement.scrollWidth)) > 360) wide.push(path)
    }
    expect(wide).toEqual([])
    await phone.close()
  })

  test('keeps no secret in an address, and nothing but the colours in the browser', async () => {
    const other = await host.operator()
    await other.go(`${world.organisation}/overview`)
    await other.page.getByLabel('Colours').selectOption('dark')
    const { client_id, client_secret } = host.service.demo.admin
    const kept = await other.page.evaluate(() => ({ ...localStorage, ...sessionStorage }))
    expect(kept).toEqual({ 'tract-theme': 'dark' })
    expect(other.addresses.filter((address) => address.includes(client_secret) || address.includes(client_id))).toEqual(
      [],
    )
    expect(await other.page.evaluate(() => document.cookie)).toBe('')
    expect(new Set(other.addresses.map((address) => new URL(address).origin))).toEqual(new Set([host.service.url]))
    await other.close()
  })
})
