/** Signing in and out, and what the browser is left with. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { until } from '@tract/testing/until'
import type { Page } from 'playwright-core'
import { routeTo } from '../../src/router/route.js'
import { axeFindings } from './support/axe.js'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'

inBrowser('a session in the console', () => {
  let tract: ConsoleHost

  beforeAll(async () => {
    tract = await ConsoleHost.open()
  })
  afterAll(() => tract?.close())

  test('begins with the right secret only, and the page can read neither cookie nor secret afterwards', async () => {
    const visit = await tract.visit()
    const { page } = visit
    const { client_id, client_secret } = tract.service.demo.admin
    await visit.go('')
    await page.getByLabel('Client id').fill(client_id)
    await page.getByLabel('Client secret').fill('not-the-secret')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    expect(await axeFindings(page)).toEqual([])
    await page.getByLabel('Client secret').fill(client_secret)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
    const kept = await page.evaluate(() => ({
      cookie: document.cookie,
      local: { ...localStorage },
      session: { ...sessionStorage },
    }))
    expect(kept).toEqual({ cookie: '', local: {}, session: {} })
    expect(await page.content()).not.toContain(client_secret)
    expect(visit.addresses.filter((address) => address.includes(client_secret))).toEqual([])
    await visit.close()
    expect(visit.problems).toEqual([])
  })

  test('is there after a reload, at the same place, and gone after signing out', async () => {
    const visit = await tract.operator()
    const { page } = visit
    await page.getByRole('link', { name: 'Threads' }).click()
    await page.getByRole('heading', { level: 1, name: 'Threads' }).waitFor()
    const address = page.url()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Threads' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    await page.goto(address)
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    await visit.close()
    expect(visit.problems).toEqual([])
  })

  test('that ends elsewhere ends on the page', async () => {
    const visit = await tract.operator()
    const { page } = visit
    // a view that asks nothing by itself, once it is there
    await page.getByRole('link', { name: 'Service' }).click()
    await page.getByRole('row', { name: /Operator/ }).waitFor()
    await page.getByRole('list', { name: 'Signing keys' }).getByRole('listitem').first().waitFor()
    await visit.context.clearCookies()
    await page.getByRole('link', { name: 'Clients' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    await visit.close()
    expect(visit.problems).toEqual([])
  })

  test('may have eight windows at once: all follow what happens, and the place of one that closes is taken', async () => {
    const world = await tract.service.world({ iva: 'iva', md: 'md' })
    const users = Array.from({ length: 8 }, (_, number) => `window ${number}`)
    for (const user of users) await world.write(user)
    const visit = await tract.operator()
    await visit.page.close()
    const windows = new Map<string, Page>()
    for (const user of users) {
      const page = await visit.openWindow(routeTo(world.organisation, 'threads', user).slice('/console/'.length))
      await page.getByRole('status').getByText(/^live/).waitFor()
      windows.set(user, page)
    }
    const streams = async () => {
      const exact = (page: Page) => page.getByRole('status').getByText('live', { exact: true }).count()
      const pages = [...windows.values()]
      const counts = await Promise.all(pages.map(exact))
      return pages.filter((_, index) => counts[index] === 1)
    }
    await until(async () => (await streams()).length === 3, 'three windows to have streams')
    for (const user of users) await world.write(user, `Are you there, ${user}?`)
    for (const [user, page] of windows) await page.getByText(`Are you there, ${user}?`).waitFor()
    const [user] = [...windows.keys()]
    await windows.get(String(user))?.close()
    windows.delete(String(user))
    await until(async () => (await streams()).length === 3, 'another window to have a stream')
    await visit.close()
    expect(visit.problems).toEqual([])
  })

  test('over plain http from another machine says that it cannot last', async () => {
    const visit = await tract.visit({}, tract.elsewhere)
    await visit.go('')
    await visit.page.getByText('cannot stay signed in').waitFor()
    await visit.close()
    const others = visit.problems.filter((problem) => !problem.startsWith('The Cross-Origin-Opener-Policy header'))
    expect(others).toEqual([])
  })

  test('has the colours that were chosen, and keeps nothing else', async () => {
    const visit = await tract.operator({ colorScheme: 'light' })
    const { page } = visit
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await ground()
    await page.getByLabel('Colours').selectOption('dark')
    const dark = await ground()
    expect(dark).not.toBe(light)
    await page.reload()
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
    expect(await ground()).toBe(dark)
    expect(await page.evaluate(() => ({ ...localStorage }))).toEqual({ 'tract-theme': 'dark' })
    await page.getByLabel('Colours').selectOption('system')
    expect([await ground(), await page.evaluate(() => localStorage.length)]).toEqual([light, 0])
    await visit.close()
    expect(visit.problems).toEqual([])
  })

  test('is led to an organisation that there is, and told of one that there is not', async () => {
    const visit = await tract.operator()
    await visit.go('01920c6e-7a00-7c3e-9d55-2b8f0c9d4e11/threads')
    await visit.page.getByText('There is no such organisation.').waitFor()
    await visit.page.getByRole('combobox', { name: 'Organisation' }).click()
    await visit.page.getByRole('option', { name: 'Demo' }).click()
    await visit.page.getByRole('heading', { level: 1, name: 'Threads' }).waitFor()
    await visit.close()
    expect(visit.problems).toEqual([])
  })
})
