/** The sandbox: a conversation from all sides. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { until } from '@tract/testing/until'
import type { Page } from 'playwright-core'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import { expectFocus, expectShown } from './support/seen.js'
import type { Visit } from './support/visit.js'
import { expectWell } from './support/well.js'

inBrowser('the sandbox', () => {
  let host: ConsoleHost
  let visit: Visit

  beforeAll(async () => {
    host = await ConsoleHost.open({ environment: { TRACT_SANDBOX: 'on' } })
  })
  afterAll(() => host?.close())
  afterEach(async () => {
    expect(visit.problems).toEqual([])
    await visit.close()
  })

  const open = async (): Promise<Page> => {
    visit = await host.operator()
    await visit.go(`${SANDBOX_ORGANISATION_ID}/sandbox`)
    await visit.page.getByLabel('Write as the user').waitFor()
    return visit.page
  }
  const region = (name: string) => (page: Page) => page.getByRole('region', { name })
  const chat = region('The user’s chat')
  const desk = region('The agent’s desk')
  const write = async (page: Page, words: string) => {
    await page.getByLabel('Write as the user').fill(words)
    await page.getByLabel('Write as the user').press('Enter')
  }

  test('a conversation goes from the user over the assistant to an agent and back', async () => {
    const page = await open()
    const refused: string[] = []
    page.on('response', (answer) => answer.status() >= 400 && refused.push(answer.url()))
    const asked = page.waitForResponse(/user_id_prefix=/)
    await page.reload()
    await (await asked).finished()
    await page.getByRole('status').getByText(/^live/).waitFor()
    // its reaction is there two frames later
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    await page.getByText('Write something as the user').waitFor()
    expect(refused).toEqual([])
    await page.getByLabel('Device platform').selectOption('Android')
    await write(page, 'Hi')
    await chat(page).getByRole('button', { name: 'Show me plans' }).click()
    const picture = chat(page).getByRole('img', { name: 'More' })
    await picture.waitFor()
    await expectShown(picture)

    await chat(page).getByRole('button', { name: 'Choose More' }).click()
    await chat(page).getByText('The plan More is yours').waitFor()
    await chat(page).getByRole('button', { name: 'Call me back' }).last().click()
    await chat(page).getByLabel('Your name').fill('Asha')
    await chat(page).getByLabel('Phone number').fill('+91 98200 98200')
    await chat(page).getByLabel('Time of day').selectOption('Evening')
    await chat(page).getByRole('button', { name: 'Send form' }).click()
    await chat(page).getByText('Thank you, we will call').waitFor()

    await chat(page).getByRole('button', { name: 'Talk to a person' }).last().click()
    await desk(page).getByText('in control', { exact: true }).waitFor()
    await desk(page).getByText('pinned', { exact: true }).first().waitFor()
    await page.getByLabel('Write as the agent').fill('This is Ravi.')
    await page.getByLabel('Write as the agent').press('Enter')
    const said = chat(page).getByRole('article').filter({ hasText: 'This is Ravi.' })
    await said.getByText('Ravi', { exact: true }).waitFor()

    await desk(page).getByRole('button', { name: 'Compose' }).click()
    const dialog = page.getByRole('dialog', { name: 'Compose an element' })
    await dialog.getByLabel('Text', { exact: true }).fill('Prepaid or postpaid?')
    await dialog.getByLabel('Label', { exact: true }).fill('Prepaid')
    await dialog.getByRole('button', { name: 'Add: Quick reply' }).click()
    await dialog.getByLabel('Label', { exact: true }).nth(1).fill('Postpaid')
    await dialog.getByRole('region', { name: 'Preview' }).getByRole('button', { name: 'Postpaid' }).waitFor()
    await dialog.getByRole('button', { name: 'Send', exact: true }).click()
    await chat(page).getByRole('button', { name: 'Prepaid' }).click()
    // an element goes back to where it was composed
    await desk(page)
      .getByRole('article')
      .filter({ hasText: 'Prepaid or postpaid?' })
      .getByRole('button', { name: /^Edit and send again/ })
      .click()
    expect(await dialog.getByLabel('JSON').inputValue()).toContain('"Prepaid or postpaid?"')
    await page.keyboard.press('Escape')
    await desk(page).getByRole('log').getByText('Prepaid', { exact: true }).last().waitFor()

    await desk(page).getByRole('button', { name: 'desk: complete' }).click()
    await desk(page).getByText('nobody is in control').waitFor()
    const between = page.getByRole('region', { name: 'Between them' })
    await between
      .getByRole('button', { name: /complete/ })
      .first()
      .waitFor()

    // a message of an operator is in no address, and no address of another's is asked for
    for (const address of visit.addresses) {
      expect(address.startsWith(`${visit.url}/`)).toBe(true)
      expect(address).not.toMatch(/Ravi|Prepaid|Asha/)
    }
  })

  test('by keyboard alone: what is written, what is tapped, and the way out', async () => {
    const page = await open()
    await visit.tabTo('textbox', 'Write as the user')
    await page.keyboard.type('Hello')
    await page.keyboard.press('Enter')
    await chat(page).getByRole('button', { name: 'Useful links' }).waitFor()
    await page.keyboard.press('Shift+Tab') // to the last of the replies
    await expectFocus(chat(page), 'Talk to a person')
    await page.keyboard.press('Enter')
    await desk(page).getByText('in control', { exact: true }).waitFor()
    await visit.tabTo('textbox', 'Write as the agent')
    await page.keyboard.type('Here I am')
    await page.keyboard.press('Enter')
    await chat(page).getByText('Here I am').waitFor()
    await visit.tabTo('button', 'Compose')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Compose an element' }).waitFor()
    await page.keyboard.press('Escape')
    await expectFocus(desk(page), 'Compose')
    // the newest of what the user said is a stop, and the arrow keys lead to the others
    await visit.tabTo('button', 'Edit and send again, message 3')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await page.keyboard.type(' again')
    await page.keyboard.press('Enter')
    await desk(page).getByText('Hello again').waitFor()
    await chat(page).getByText('Hello again').waitFor()
    // what is typed while a message is sent is the next one's
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const path = '**/platform/message/send/'
    await page.route(path, (route) => released.then(() => route.continue()))
    const asked = page.waitForRequest(path)
    await page.keyboard.type('First')
    await page.keyboard.press('Enter')
    await asked
    await page.keyboard.type(', then this')
    release()
    await chat(page).getByText('First', { exact: true }).waitFor()
    const field = chat(page).getByLabel('Write as the user')
    await until(async () => (await field.inputValue()) === ', then this', 'the next words')
  })

  test('what a user or a vendor writes is shown, and never run', async () => {
    const attack = '<img src=x onerror="document.title=`run`"><script>document.title="run"</script>'
    const page = await open()
    await write(page, `${attack} hello`)
    await chat(page).getByRole('button', { name: 'Talk to a person' }).click()
    await desk(page).getByText('in control', { exact: true }).waitFor()
    for (const element of [
      {
        type: 'BUTTON',
        text: attack,
        data: {
          items: [
            {
              actionable_text: attack,
              is_default: 0,
              uri: 'LINK',
              type: 'APP_ACTION',
              payload: { url: 'javascript:document.title="run"', link: 'JaVaScRiPt:document.title="run"' },
            },
          ],
        },
      },
      {
        type: 'CAROUSEL',
        data: {
          image_aspect_ratio: '1;background:url(x)',
          width: 'FAT',
          items: [
            { thumbnail: { image: 'javascript:document.title="run"' }, title: attack, actionables: [] },
            { thumbnail: { image: 'data:text/html,<script>parent.document.title="run"</script>' }, actionables: [] },
          ],
        },
      },
      {
        type: 'FORM',
        title: attack,
        data: { fields: [{ key: '__proto__', type: attack, order: 1, options: [attack] }] },
      },
      { type: attack, text: attack, dangerouslySetInnerHTML: { __html: attack } },
    ]) {
      await desk(page).getByRole('button', { name: 'Compose' }).click()
      const dialog = page.getByRole('dialog', { name: 'Compose an element' })
      await dialog.getByLabel('Element').selectOption('json')
      await dialog.getByLabel('JSON').fill(JSON.stringify(element))
      await dialog.getByRole('button', { name: 'Send', exact: true }).click()
      await settled(page)
    }
    await chat(page).getByText('An element of type').waitFor()
    for (const tapped of await chat(page).getByRole('button', { name: attack }).all())
      await tapped.click({ force: true })
    expect(await page.title()).not.toBe('run')
    expect(await page.locator('[onerror], .sandbox script, a[href^="javascript:" i]').count()).toBe(0)
  })

  /** Until the element was sent, or its refusal is shown. */
  async function settled(page: Page): Promise<void> {
    const dialog = page.getByRole('dialog', { name: 'Compose an element' })
    await Promise.race([dialog.waitFor({ state: 'detached' }), dialog.getByRole('alert').waitFor()])
    if (await dialog.isVisible()) await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
  }

  test('has its headings on one line, heads above their columns, and rows as wide as these, here and on the thread’s page', async () => {
    const page = await open()
    await write(page, 'Show me plans')
    await chat(page).getByRole('img', { name: 'Family' }).waitFor()
    for (const width of [1600, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      const tops = await page
        .locator('.sandbox h2')
        .evaluateAll((all) => all.map((heading) => Math.round(heading.getBoundingClientRect().top)))
      expect([width, tops.length, new Set(tops).size]).toEqual([width, 3, 1])
    }
    /** Where what is written in it begins, and where it ends itself. */
    const edges = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const written = document.createRange()
          written.selectNodeContents(element)
          return [written.getBoundingClientRect().left, element.getBoundingClientRect().right].map(Math.round)
        })
    const expectAligned = async () => {
      for (const [head, cell] of [
        [1, 'time'],
        [2, '.timeline-said'],
      ])
        expect((await edges(`.timeline-head > :nth-child(${head})`))[0]).toBe((await edges(`.timeline-row ${cell}`))[0])
      expect((await edges('.timeline-head'))[1]).toBe((await edges('.timeline-row'))[1])
    }
    await expectAligned()
    await page.getByRole('link', { name: 'Open its thread' }).click()
    await page.getByRole('heading', { name: 'Thread control' }).waitFor()
    await page.locator('.timeline-row').first().waitFor()
    await expectAligned()
  })

  test('is in reach of everybody, in light and in dark, on a phone too', async () => {
    const page = await open()
    await write(page, 'Show me plans')
    await chat(page).getByRole('img', { name: 'Family' }).waitFor()
    await write(page, 'Call me back')
    for (const side of [chat(page), desk(page)]) await side.getByRole('button', { name: 'Send form' }).waitFor()
    await expectWell(visit)
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.setViewportSize({ width: 390, height: 800 })
    await expectWell(visit)
    await page.getByRole('button', { name: 'Use my own tool' }).click()
    await page.getByRole('dialog', { name: 'Use my own tool' }).waitFor()
    await expectWell(visit)
  })
})

inBrowser('a sandbox that did not start', () => {
  test('says so in place of a chat in which nobody answers', async () => {
    // its parties are at a loopback address, which is not allowed here
    const host = await ConsoleHost.open({ environment: { TRACT_SANDBOX: 'on', TRACT_EGRESS_ALLOW: '10.0.0.0/8' } })
    const visit = await host.operator()
    await visit.go(`${SANDBOX_ORGANISATION_ID}/sandbox`)
    await visit.page.getByText('The sandbox did not start').waitFor()
    await visit.page.getByText('http,127.0.0.1 in TRACT_EGRESS_ALLOW. Mend that and start TRACT again.').waitFor()
    expect(await visit.page.getByLabel('Write as the user').count()).toBe(0)
    expect(visit.problems).toEqual([])
    await visit.close()
    await host.close()
  })
})
