/** Files of messages in a real browser: sent with progress, seen on both sides and on the timeline, saved, and gone. */

import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import type { World } from '@tract/testing/world'
import type { Page } from 'playwright-core'
import { routeTo } from '../../src/router/route.js'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import type { Visit } from './support/visit.js'
import { expectWell } from './support/well.js'

/** 3 × 2 pixels. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAEklEQVR42mP8z8BQzwAEjDAGACcSAgWf0mKUAAAAAElFTkSuQmCC',
  'base64',
)
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=1"><script>document.title=2</script></svg>'
const NAME = '<img src=x onerror=document.title=3>.svg'
const LIMIT = 200_000

inBrowser('files in the console', () => {
  let host: ConsoleHost
  let world: World<'md' | 'desk'>
  let visit: Visit
  let page: Page

  beforeAll(async () => {
    host = await ConsoleHost.open({ environment: { TRACT_ATTACHMENT_LIMIT: String(LIMIT) } })
    world = await host.service.world({ md: 'md', desk: 'ect' })
    visit = await host.operator()
    page = visit.page
  })
  afterAll(() => host?.close())

  const chat = () => page.getByRole('region', { name: 'The user’s chat' })
  const desk = () => page.getByRole('region', { name: 'The agent’s desk' })
  const choose = (side: 'user' | 'agent', files: { name: string; mimeType: string; buffer: Buffer }[]) =>
    page.getByLabel(`Files of the ${side}`).setInputFiles(files)
  const expectShown = async (picture: ReturnType<Page['getByRole']>) => {
    await picture.waitFor()
    await picture.evaluate((image: HTMLImageElement) => image.decode())
  }
  test('are attached by keyboard, refused beside their name, and seen by the other side', async () => {
    // the browser is told before the page is there that its dialog is taken over
    const chooser = page.waitForEvent('filechooser')
    await visit.go(routeTo(world.organisation, 'sandbox', 'asha').slice('/console/'.length))
    await page.getByLabel('Write as the user').waitFor()
    await visit.tabTo('button', 'Attach files as the user')
    await page.keyboard.press('Enter')
    await (await chooser).setFiles([
      { name: 'meter.png', mimeType: 'image/png', buffer: PNG },
      { name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(LIMIT + 1) },
      { name: NAME, mimeType: 'image/svg+xml', buffer: Buffer.from(SVG) },
    ])
    const waiting = chat().getByRole('list', { name: 'Files to send' })
    await waiting
      .getByRole('alert')
      .getByText(/200,?000 bytes/)
      .waitFor()
    await waiting.getByText('ready').nth(1).waitFor()
    const send = chat().getByRole('button', { name: 'Send', exact: true })
    expect(await send.isDisabled()).toBe(true)
    await expectWell(visit)
    await visit.keepScreenshot('files to send, wide and light')
    await waiting.getByRole('button', { name: 'Remove large.bin' }).press('Enter')
    await send.press('Enter')
    await waiting.waitFor({ state: 'detached' })
    await expectShown(chat().getByRole('img', { name: 'meter.png' }))
    // without words, the names are what is said
    await chat().getByRole('log').getByText(`meter.png, ${NAME}`, { exact: true }).waitFor()
    await expectShown(page.getByRole('region', { name: 'Between them' }).getByRole('img', { name: 'meter.png' }))
  })

  test('of an agent cross to the user, once, however often Send is pressed', async () => {
    await choose('agent', [{ name: 'bill.txt', mimeType: 'text/plain', buffer: Buffer.from('Your bill') }])
    await desk().getByText('ready').waitFor()
    await page.getByLabel('Write as the agent').fill('Here it is')
    await desk().getByRole('button', { name: 'Send', exact: true }).dblclick()
    await desk().getByRole('button', { name: 'Save bill.txt' }).waitFor()
    const { messages } = await ok(world.listeners.desk.post('/tract/messages/list/', { user_id: 'asha' }))
    expect(messages.map(({ attachments }: { attachments: unknown[] }) => attachments.length)).toEqual([2, 1])
  })

  test('are saved as they are, and nothing of them runs', async () => {
    await visit.go(routeTo(world.organisation, 'threads', 'asha').slice('/console/'.length))
    await page.getByRole('button', { name: /bill\.txt/ }).click()
    const dialog = page.getByRole('dialog')
    const saved = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Save bill.txt' }).click()
    expect((await saved).suggestedFilename()).toBe('bill.txt')
    expect(await readFile(await (await saved).path(), 'utf8')).toBe('Your bill')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /meter\.png/ }).click()
    await expectShown(dialog.getByRole('img', { name: 'meter.png' }))
    await dialog.getByRole('button', { name: `Save ${NAME}` }).waitFor()
    expect(await page.locator('[onerror], [onload]').count()).toBe(0)
    expect(await page.title()).toContain('TRACT')
    await page.setViewportSize({ width: 390, height: 844 })
    await page.emulateMedia({ colorScheme: 'dark' })
    await expectWell(visit)
    await visit.keepScreenshot('files, as a phone and dark')
  })

  test('that were erased are shown as gone', async () => {
    const dialog = page.getByRole('dialog')
    await ok(world.listeners.md.post('/platform/user/erase/', { user_id: 'asha' }))
    await dialog.getByRole('button', { name: `Save ${NAME}` }).click()
    await dialog.getByText(`${NAME} is gone`, { exact: false }).waitFor()
    expect(visit.problems.splice(0)).toEqual([])
    expect(visit.addresses.filter((address) => /bill|meter|onload/.test(address))).toEqual([])
  })
})
