/** Listeners and their hooks in the browser: how they are, and what an operator does about it. */

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { Receiver } from '@tract/testing/receiver'
import { until } from '@tract/testing/until'
import type { World } from '@tract/testing/world'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import type { Visit } from './support/visit.js'
import { expectWellInBoth } from './support/well.js'

const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'

inBrowser('listeners in the console', () => {
  let host: ConsoleHost
  let receiver: Receiver
  let world: World<'iva' | 'md' | 'desk'>
  let visit: Visit

  const hooks = async (): Promise<{ category: string; subcategory: string; url: string; status: string }[]> =>
    (await ok(world.listeners.desk.get('/tract/hooks/list/'))).hooks
  const write = (userId: string) => world.write(userId)

  beforeAll(async () => {
    host = await ConsoleHost.open()
    receiver = await Receiver.start()
    world = await host.service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    for (const listener of [world.listeners.iva, world.listeners.md]) await receiver.hear(listener, 'message.receive')
    visit = await host.operator()
  })
  afterEach(() => {
    expect(visit.problems.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await host?.close()
    await receiver?.close()
  })

  test('show who is well and whose endpoint fails, with its breaker', async () => {
    const { page } = visit
    receiver.answer = () => ({ status: 500 })
    for (let user = 0; user < 12; user++) await write(`user-${user}`)
    await visit.go(`${world.organisation}/listeners`)
    const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) })
    await row('md').getByText('well').waitFor()
    await row('desk').getByText('no hook').waitFor()
    await until(async () => {
      await page.reload()
      await row('iva').waitFor()
      return row('iva').getByText('endpoint failing').isVisible()
    }, 'an open breaker')
    await page.getByRole('link', { name: 'iva', exact: true }).click()
    await page.getByRole('list', { name: 'Open breakers' }).getByText(receiver.url).waitFor()
    receiver.answer = () => ({})
  })

  test('get a hook, whose secret is shown once', async () => {
    const { page } = visit
    await visit.go(`${world.organisation}/listeners/desk`)
    await page.getByRole('button', { name: 'Register…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Hook').selectOption('message/receive')
    await dialog.getByLabel('URL').fill('http://10.0.0.1/hooks')
    await dialog.getByRole('button', { name: 'Register' }).click()
    await dialog.getByRole('alert').waitFor()
    expect(await hooks()).toEqual([])
    await dialog.getByLabel('URL').fill(`${receiver.url}/message.receive`)
    await dialog.getByRole('button', { name: 'Register' }).click()
    const secret = await dialog.locator('.secret').textContent()
    expect(secret).toMatch(SECRET)
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('row', { name: /message\/receive/ }).waitFor()
    expect(await hooks()).toMatchObject([{ subcategory: 'receive', status: 'active' }])
    expect(await page.content()).not.toContain(secret)
    await page.getByRole('button', { name: 'Register…' }).click()
    await dialog.getByText(`message/receive is there already, at ${receiver.url}/message.receive.`).waitFor()
    await expectWellInBoth(visit, 'a hook that is there already')
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  })

  test('are tested by a signed sample', async () => {
    const { page } = visit
    receiver.answer = () => ({ status: 418, body: { error: 'a teapot' } })
    await page.getByRole('button', { name: 'Test message/receive' }).click()
    const dialog = page.getByRole('dialog', { name: 'Test message/receive' })
    await dialog.getByRole('button', { name: 'Send the sample' }).click()
    await dialog.getByText('HTTP 418').waitFor()
    await dialog.getByText('a teapot').waitFor()
    receiver.answer = () => ({})
    await dialog.getByRole('button', { name: 'Send another' }).click()
    await dialog.getByText('acknowledged', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(receiver.received.filter(({ body }) => body.user_id === 'tract-test')).toHaveLength(2)
  })

  test('are paused with a reason, and resumed', async () => {
    const { page } = visit
    await page.getByRole('button', { name: 'Pause message/receive' }).click()
    await page.getByLabel('Reason').fill('maintenance')
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByRole('row').getByText('maintenance').waitFor()
    expect(await hooks()).toMatchObject([{ status: 'disabled', disabled_reason: 'maintenance' }])
    await page.getByRole('button', { name: 'Resume message/receive' }).click()
    await page.getByRole('button', { name: 'Pause message/receive' }).waitFor()
    expect(await hooks()).toMatchObject([{ status: 'active' }])
  })

  test('that are read as a stream show the URL that they go back to', async () => {
    const { page } = visit
    const { desk } = world.listeners
    const register = async (url: string) =>
      ok(desk.post('/tract/hooks/register/', { category: 'message', subcategory: 'receive', url }))
    const url = (await hooks())[0]?.url as string
    await register('tract:stream')
    await page.reload()
    const row = page.getByRole('row', { name: /message\/receive/ })
    await row.getByText('tract:stream', { exact: true }).waitFor()
    await row.getByText(`goes back to ${url}`).waitFor()
    await register(url)
    await page.reload()
    await row.getByText(url, { exact: true }).waitFor()
    expect(await row.getByText('goes back to').count()).toBe(0)
  })

  test('get another secret, and lose a hook, after a question', async () => {
    const { page } = visit
    await page.getByRole('button', { name: 'Rotate the secret of message/receive' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
    expect(await page.locator('.secret').textContent()).toMatch(SECRET)
    await page.keyboard.press('Escape')
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException('No.', 'NotAllowedError'))
    })
    await page.getByRole('button', { name: 'Copy', exact: true }).click()
    await page.getByText('The browser did not allow it. The secret is selected: press Ctrl+C.').waitFor()
    expect(await page.evaluate(() => `${getSelection()}`)).toMatch(SECRET)
    await expectWellInBoth(visit, 'a secret that could not be copied')
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click()
    await page.getByRole('button', { name: 'Unregister message/receive' }).click()
    await visit.isAt('heading', 'Unregister message/receive?')
    await page.getByRole('dialog').getByRole('button', { name: 'Unregister' }).click()
    await page.getByText('It has no hook, so it hears nothing.').waitFor()
    expect(await hooks()).toEqual([])
  })

  test('run nothing of what they, their users and their receivers call things', async () => {
    const { page } = visit
    const admin = await host.service.admin()
    const { organisation, listeners } = await host.service.world({ iva: 'iva', md: 'md' })
    const named = { organisation_id: organisation, listener_id: 'iva', name: HOSTILE }
    await ok(admin.post('/platform/listeners/update/', named))
    const url = `${receiver.url}/?${encodeURI(HOSTILE)}`
    const { id } = await ok(
      listeners.iva.post('/tract/hooks/register/', { category: 'message', subcategory: 'receive', url }),
    )
    receiver.answer = () => ({ status: 400, body: HOSTILE })
    const message = { user_id: HOSTILE, message_body: HOSTILE, sender: 'ceu', user: { user_name: HOSTILE } }
    await ok(listeners.md.post('/platform/message/send/', message))
    await until(async () => {
      const { deliveries } = await ok(listeners.iva.post('/tract/deliveries/list/', { state: 'pending' }))
      return deliveries[0]?.attempts > 0
    }, 'an attempt')
    await ok(listeners.iva.post('/tract/hooks/disable/', { id, reason: HOSTILE }))
    const harmless = async () =>
      expect([await page.locator('img').count(), await page.title()]).toEqual([0, expect.stringContaining('TRACT')])
    await visit.go(`${organisation}/listeners`)
    await page.getByText(HOSTILE).first().waitFor()
    await harmless()
    await visit.go(`${organisation}/listeners/iva`)
    await page.getByText(HOSTILE).first().waitFor()
    await page.getByRole('button', { name: 'Test message/receive' }).click()
    await page.getByRole('button', { name: 'Send the sample' }).click()
    await page.getByRole('dialog').getByText('HTTP 400').waitFor()
    await harmless()
    await visit.go(`${organisation}/deliveries?listener=iva`)
    await page.getByRole('table').getByText(HOSTILE).first().waitFor()
    await harmless()
    await page.getByRole('link', { name: /^message\/receive, number/ }).click()
    await page.getByText('HTTP 400').first().waitFor()
    await page.getByText('onerror').nth(2).waitFor()
    await harmless()
    receiver.answer = () => ({})
  })
})
