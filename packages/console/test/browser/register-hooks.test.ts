/** A set of hooks that is registered in one go: one secret, and nothing lost where some of them fail. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import type { World } from '@tract/testing/world'
import { Webhook } from 'standardwebhooks'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import type { Visit } from './support/visit.js'
import { expectWellInBoth } from './support/well.js'

inBrowser('a set of hooks', () => {
  let host: ConsoleHost
  let receiver: Receiver
  let world: World<'iva' | 'md' | 'desk'>
  let visit: Visit

  beforeAll(async () => {
    host = await ConsoleHost.open()
    receiver = await host.service.receiver()
    world = await host.service.world({ iva: 'iva', md: 'md', desk: 'ect' })
    visit = await host.operator()
  })
  afterEach(() => {
    expect(visit.problems.splice(0)).toEqual([])
  })
  afterAll(() => host?.close())

  test('of which some fail shows the secret of the others and the reasons, and goes on with the rest', async () => {
    const { page } = visit
    const { desk } = world.listeners
    await receiver.hear(desk, 'message.receive')
    const before = receiver.secrets['message.receive'] as string
    await visit.go(`${world.organisation}/listeners/desk`)
    await page.getByRole('button', { name: 'Register…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Hook').selectOption('usual')
    await dialog.getByLabel('URL').fill(`${receiver.url}/all`)
    await dialog.getByText('1 of these 20 is there already: message/receive.', { exact: false }).waitFor()
    // the fourth is refused by what stands in between; of the sixth, the service's answer is lost
    let calls = 0
    await page.route('**/tract/hooks/register/', async (route) => {
      calls++
      if (calls === 4) return route.fulfill({ status: 502, body: 'bad gateway' })
      if (calls !== 6) return route.continue()
      await route.fetch()
      return route.fulfill({ status: 504, body: 'gateway timeout' })
    })
    await dialog.getByRole('button', { name: 'Register' }).click()
    await page.getByRole('dialog', { name: '18 of 20 hooks are registered' }).waitFor()
    await dialog.getByRole('listitem').filter({ hasText: 'The service answered 502.' }).waitFor()
    await dialog.getByRole('listitem').filter({ hasText: 'The service answered 504.' }).waitFor()
    const secret = (await dialog.locator('.secret').textContent()) ?? ''
    await expectWellInBoth(visit, 'hooks of which some failed')
    // neither a press beside it nor a key takes the secret away
    await page.mouse.click(5, 5)
    await page.keyboard.press('Escape')
    await dialog.getByRole('button', { name: 'Try the rest again' }).click()
    await page.getByRole('dialog', { name: '20 hooks are registered' }).waitFor()
    expect(await dialog.locator('.secret').textContent()).toBe(secret)
    await dialog.getByText('of the 19 that are new', { exact: false }).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()

    const { hooks } = await ok(desk.get('/tract/hooks/list/'))
    expect(hooks).toHaveLength(20)
    for (const { id, category, subcategory } of hooks) {
      await ok(desk.post('/tract/hooks/test/', { id }))
      const { text, headers } = receiver.received.at(-1) ?? { text: '', headers: {} }
      const own = `${category}.${subcategory}` === 'message.receive' ? before : secret
      new Webhook(own).verify(text, headers as Record<string, string>)
    }
  })

  test('keeps its secret in sight when the session ends, until it is closed', async () => {
    const { page } = visit
    await page.unroute('**/tract/hooks/register/')
    await visit.go(`${world.organisation}/listeners/iva`)
    await page.getByRole('button', { name: 'Register…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('URL').fill(`${receiver.url}/iva`)
    let calls = 0
    await page.route('**/tract/hooks/register/', async (route) => {
      if (++calls === 3) await visit.context.clearCookies()
      return route.continue()
    })
    await dialog.getByRole('button', { name: 'Register' }).click()
    await page.getByRole('dialog', { name: /of 14 hooks are registered/ }).waitFor()
    const secret = (await dialog.locator('.secret').textContent()) ?? ''
    await dialog.getByRole('button', { name: 'Try the rest again' }).click()
    await dialog.getByRole('button', { name: 'Try the rest again', disabled: false }).waitFor()
    expect(await dialog.locator('.secret').textContent()).toBe(secret)
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await page.getByLabel('Client secret').waitFor()

    const { hooks } = await ok(world.listeners.iva.get('/tract/hooks/list/'))
    expect([hooks.length > 0, hooks.length < 14]).toEqual([true, true])
    await ok(world.listeners.iva.post('/tract/hooks/test/', { id: hooks[0].id }))
    const { text, headers } = receiver.received.at(-1) ?? { text: '', headers: {} }
    new Webhook(secret).verify(text, headers as Record<string, string>)
  })
})
