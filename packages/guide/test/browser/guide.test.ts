/** The guide in a real browser: at 1280 and 390 pixels, dark and light, by keyboard, and with axe. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { axeFindings } from '../../../console/test/browser/support/axe.js'
import { inBrowser } from '../../../console/test/browser/support/chromium.js'
import { ConsoleHost } from '../../../console/test/browser/support/console-host.js'
import { addressOf, PAGES } from '../../src/contents.js'

const WIDE = { width: 1280, height: 900 }
const NARROW = { width: 390, height: 844 }
/** The guide's own pages; between them two of these have all that a page is made of, which is the same in every size and colour. */
const OWN = PAGES.filter(({ source }) => source.startsWith('docs/guide/'))
const SAMPLES = PAGES.filter(({ path }) => path === 'start' || path === 'concepts')

inBrowser('the guide', () => {
  let host: ConsoleHost

  beforeAll(async () => {
    host = await ConsoleHost.open()
  })
  afterAll(() => host?.close())

  test.each([
    { size: WIDE, colorScheme: 'light', inspected: OWN },
    { size: WIDE, colorScheme: 'dark', inspected: SAMPLES },
    { size: NARROW, colorScheme: 'light', inspected: SAMPLES },
    { size: NARROW, colorScheme: 'dark', inspected: SAMPLES },
  ] as const)('every page can be read at $size.width, $colorScheme', async ({ size, colorScheme, inspected }) => {
    const visit = await host.visit({ viewport: size, colorScheme })
    const { page } = visit
    // narrow, none may be wider than the window
    for (const each of size === NARROW && colorScheme === 'light' ? PAGES : inspected) {
      const { path } = each
      await page.goto(host.service.url + addressOf(path))
      await page.getByRole('combobox', { name: 'Search the guide' }).waitFor()
      if (inspected.includes(each)) {
        await visit.keepScreenshot(`guide-${path.replace('/', '-') || 'overview'}-${size.width}-${colorScheme}`)
        expect([path, await axeFindings(page)]).toEqual([path, []])
      }
      const ids = await page.locator('[id]').evaluateAll((all) => all.map(({ id }) => id))
      expect([path, ids.filter((id, at) => ids.indexOf(id) !== at)]).toEqual([path, []])
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
      expect([path, overflow <= 0]).toEqual([path, true])
    }
    await visit.close()
    expect(visit.problems).toEqual([])
    expect(visit.addresses.filter((address) => !address.startsWith(host.service.url))).toEqual([])
  })

  test('the search is found, used and left by keyboard', async () => {
    const visit = await host.visit()
    const { page } = visit
    await page.goto(`${host.service.url}/guide`)
    await page.getByRole('combobox', { name: 'Search the guide' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('conversation_over')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await visit.keepScreenshot('guide-search')
    expect(await axeFindings(page)).toEqual([])
    const wanted = await page.locator('[aria-selected=true]').getAttribute('data-to')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**${wanted}`)
    expect(await page.locator('main').textContent()).toContain('conversation_over')

    await page.keyboard.press('/')
    await page.keyboard.type('xyzzy')
    await page.getByRole('status').filter({ hasText: 'Nothing was found' }).waitFor()
    await visit.close()
    expect(visit.problems).toEqual([])
  })

  test('on a narrow screen the menu opens, leads on, and closes by keyboard', async () => {
    const visit = await host.visit({ viewport: NARROW })
    const { page } = visit
    await page.goto(`${host.service.url}/guide`)
    const menu = page.getByRole('navigation', { name: 'Pages' })
    await visit.tabTo('button', 'Menu')
    await page.keyboard.press('Enter')
    await menu.waitFor({ state: 'visible' })
    await visit.keepScreenshot('guide-menu-390')
    await page.keyboard.press('Escape')
    await menu.waitFor({ state: 'hidden' })
    await page.keyboard.press('Enter')
    await menu.getByRole('link', { name: 'Concepts' }).click()
    await page.getByRole('heading', { level: 1, name: 'Concepts' }).waitFor()
    await visit.close()
    expect(visit.problems).toEqual([])
  })

  test('the colours that a reader chooses stay on the next page, and in the console', async () => {
    const visit = await host.visit({ colorScheme: 'light' })
    const { page } = visit
    await page.goto(`${host.service.url}/guide`)
    await page.getByLabel('Colours').selectOption('dark')
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const dark = await ground()
    await page.goto(`${host.service.url}/guide/concepts`)
    expect(await ground()).toBe(dark)
    await page.getByLabel('Colours').selectOption('system')
    expect(await ground()).not.toBe(dark)
    await visit.close()
  })
})
