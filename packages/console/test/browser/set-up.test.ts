/** Setting up in a real browser: from an empty service to the first message, and what an operator changes later. */

import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { type Caller, call, ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import type { Page } from 'playwright-core'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import type { Visit } from './support/visit.js'
import { expectWellInBoth } from './support/well.js'

const HOSTILE = '<img src=x onerror="document.title=1">'

inBrowser('an empty service in the console', () => {
  let host: ConsoleHost
  let receiver: Receiver
  let admin: Caller
  let visit: Visit
  let page: Page
  /** Of the organisation that is set up here. */
  let id = ''

  beforeAll(async () => {
    host = await ConsoleHost.open({ environment: { NODE_ENV: 'production', TRACT_EGRESS_ALLOW: 'http,127.0.0.0/8' } })
    receiver = await host.service.receiver()
    admin = await host.service.admin()
    visit = await host.operator()
    page = visit.page
  })
  afterEach(() => {
    expect(visit.problems.splice(0)).toEqual([])
  })
  afterAll(() => host?.close())

  const dialog = () => page.getByRole('dialog')
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const press = (name: string) => dialog().getByRole('button', { name, exact: true }).last().click()
  const isClosed = () => dialog().waitFor({ state: 'detached' })
  const organisations = async () => (await ok(admin.get('/platform/organisations/'))).organisations
  const listeners = async () => (await ok(admin.get(`/platform/listeners/?organisation_id=${id}`))).listeners
  const clients = async () => (await ok(admin.get(`/platform/clients/?organisation_id=${id}`))).clients
  const tokenOf = (client: { client_id: string; client_secret: string }) =>
    call(`${host.service.url}/tract/auth/token/`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...client }).toString(),
    })
  const expectWell = (name: string) => expectWellInBoth(visit, name)
  const secretShown = async () => JSON.parse((await dialog().locator('.secret').textContent()) ?? '')

  test('leads to its first message in four steps, by keyboard alone', async () => {
    await button('Create an organisation…').waitFor()
    await expectWell('first steps of an empty service')
    await visit.tabTo('button', 'Create an organisation…')
    await page.keyboard.press('Enter')
    await visit.isAt('textbox', 'Name')
    await page.keyboard.type(`Acme ${HOSTILE}`)
    await page.keyboard.press('Enter')
    await button('Create message delivery…').waitFor()
    const [organisation] = await organisations()
    id = organisation.id
    expect(organisation.name).toBe(`Acme ${HOSTILE}`)
    for (const create of ['Create message delivery…', 'Create a desk…']) {
      await visit.tabTo('button', create)
      await page.keyboard.press('Enter')
      await visit.tabTo('button', 'Create')
      await page.keyboard.press('Enter')
      await isClosed()
    }
    expect((await listeners()).map(({ listener_id, kind }: Record<string, string>) => [listener_id, kind])).toEqual([
      ['desk', 'ect'],
      ['message_delivery', 'md'],
    ])
    await visit.tabTo('button', 'Create a client…')
    await page.keyboard.press('Enter')
    await visit.isAt('combobox', 'Listener')
    await visit.tabTo('textbox', 'Name')
    expect(await dialog().getByLabel('Name').inputValue()).toBe('Agent desk')
    await page.keyboard.press('Enter')
    await page.getByText('The secret is shown this once.', { exact: false }).waitFor()
    const account = (await secretShown()).listeners.desk
    expect((await tokenOf(account)).status).toBe(200)
    await page.keyboard.press('Escape')
    await visit.tabTo('button', 'I have kept it')
    await page.keyboard.press('Enter')
    await isClosed()
    expect(await page.content()).not.toContain(account.client_secret)
    await visit.tabTo('button', 'Register a hook…')
    await page.keyboard.press('Enter')
    await visit.isAt('combobox', 'Hook')
    await visit.tabTo('textbox', 'URL')
    await page.keyboard.type(`${receiver.url}/desk`)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: '20 hooks are registered' }).waitFor()
    await page.keyboard.press('Escape')
    await press('Close')
    await isClosed()
    await visit.tabTo('link', 'Write as a user')
    await page.keyboard.press('Enter')
    await page.getByLabel('Write as the user').waitFor()
    // what the agent says would not arrive, and it says why
    await page.getByText('message_delivery has no hook for message/receive', { exact: false }).waitFor()
    await expectWell('a chat in which nothing arrives')
    await visit.tabTo('textbox', 'Write as the user')
    await page.keyboard.type('My bill is wrong')
    await page.keyboard.press('Enter')
    await receiver.waitFor(({ body }) => body.message_body?.text === 'My bill is wrong', 'the first message')
    await page.getByRole('region', { name: 'The agent’s desk' }).getByText('My bill is wrong').waitFor()
    await visit.go(`${id}/start`)
    await page.getByText('(done)').nth(3).waitFor({ state: 'attached' })
    await expectWell('first steps, done')
  })

  test('has settings that are explained, refused at their field, and saved once', async () => {
    await visit.go(`${id}/settings`)
    const offer = page.getByLabel('An offer waits for (seconds)')
    await offer.fill('90')
    await page.getByLabel('Name', { exact: true }).fill('Acme \u0000')
    await button('Save').click()
    await page.getByText('Nothing was changed: mend what is marked.').waitFor()
    expect(await page.getByLabel('Name', { exact: true }).getAttribute('aria-invalid')).toBe('true')
    expect((await organisations())[0].offer_within).toBe(60)
    await expectWell('settings, refused')
    await page.getByLabel('Name', { exact: true }).fill('Acme')
    await page.getByLabel('What the user is told when control returns').fill('Somebody else will answer.')
    await page.getByLabel('Fallback listener').selectOption('desk')
    await button('Save').dblclick()
    await page.getByText('Saved:', { exact: false }).waitFor()
    expect((await organisations())[0]).toMatchObject({
      ...{ name: 'Acme', offer_within: 90, fallback_listener: 'desk' },
      returned_message: 'Somebody else will answer.',
    })
    await page.getByRole('combobox', { name: 'Organisation' }).getByText('Acme', { exact: true }).waitFor()
  })

  test('has listeners that are created, changed, and disabled after a question', async () => {
    await visit.go(`${id}/listeners`)
    await button('New listener…').click()
    // message delivery and a desk are there
    expect(await dialog().getByLabel('Kind').inputValue()).toBe('iva')
    await dialog().getByLabel('Kind').selectOption('ect')
    await press('Create')
    // the id that is proposed is taken
    await dialog().getByText('has a listener desk already', { exact: false }).waitFor()
    expect(await dialog().getByLabel('Id').getAttribute('aria-invalid')).toBe('true')
    await dialog().getByLabel('Kind').selectOption('iva')
    expect(await dialog().getByLabel('Id').inputValue()).toBe('iva')
    await dialog().getByRole('button', { name: 'Create', exact: true }).dblclick()
    await page.getByRole('heading', { name: 'iva', level: 1 }).waitFor()
    await button('Edit…').click()
    await dialog().getByLabel('It has opening hours').check()
    await dialog().getByLabel('Time zone').fill('Mars/Olympus')
    await dialog().getByLabel('Monday').fill('nine to five')
    await press('Save')
    await dialog().getByText('“nine to five” is no span', { exact: false }).waitFor()
    await dialog().getByLabel('Monday').fill('09:00-12:30, 14:00-18:00')
    await press('Save')
    await dialog().getByText('Nothing was changed', { exact: false }).waitFor()
    expect(await dialog().getByLabel('Time zone').getAttribute('aria-invalid')).toBe('true')
    await expectWell('a listener, refused')
    await dialog().getByLabel('Time zone').fill('Asia/Kolkata')
    await dialog().getByLabel('Other dates').fill('2026-12-25 closed')
    await press('Save')
    await isClosed()
    const changed = (await listeners()).find(({ listener_id }: { listener_id: string }) => listener_id === 'iva')
    expect(changed.hours).toMatchObject({ time_zone: 'Asia/Kolkata', exceptions: [{ date: '2026-12-25', spans: [] }] })
    expect(changed.hours.weekly).toHaveLength(6)
    await button('Disable…').click()
    await press('Disable')
    await button('Enable…').waitFor()
    // beside its title, and under its health
    await page.getByText('listener disabled', { exact: true }).nth(1).waitFor()
    expect(await page.getByText('well', { exact: true }).count()).toBe(0)
    await expectWell('a listener, disabled')
    await button('Enable…').click()
    await press('Enable')
    await page.getByText('It has no hook, so it hears nothing.').waitFor()
    await page.getByText('no hook', { exact: true }).waitFor()
    await button('Register…').click()
    await dialog().getByLabel('Hook').selectOption('usual')
    await dialog().getByLabel('URL').fill(`${receiver.url}/iva`)
    await press('Register')
    await page.getByText('14 hooks are registered').waitFor()
    expect(await dialog().locator('.secret').textContent()).toMatch(/^whsec_/)
    await press('Close')
    await expectWell('a listener with its hooks')
    // so many controls are one stop of the tab key
    await page.getByRole('button', { name: 'Test conversation_state/bot' }).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    expect(await focused()).toBe('Pause conversation_state/complete')
    await page.keyboard.press('Tab')
    expect(await focused()).toBeNull()
  })

  test('has clients whose secrets are rotated, and that are disabled', async () => {
    await visit.go(`${id}/clients`)
    await button('New client…').click()
    await dialog().getByLabel('Listener').selectOption('message_delivery')
    await dialog().getByLabel('Name').fill(HOSTILE)
    await dialog().getByLabel('platform:events', { exact: false }).uncheck()
    await expectWell('a new client')
    await dialog().getByRole('button', { name: 'Create', exact: true }).dblclick()
    const account = (await secretShown()).listeners.message_delivery
    // a press beside the dialog must not lose the secret
    await page.mouse.click(5, 5)
    expect((await secretShown()).listeners.message_delivery).toEqual(account)
    await press('I have kept it')
    const made = (await clients()).filter(({ name }: { name: string }) => name === HOSTILE)
    expect(made).toHaveLength(1)
    expect(made[0].scopes).not.toContain('platform:events')
    expect(made[0].scopes).toContain('platform:messages')
    await button(`Rotate the secret of ${HOSTILE}`).click()
    await press('Rotate')
    await page.getByText('The new secret, shown this once:').waitFor()
    const client_secret = (await dialog().locator('.secret').textContent()) ?? ''
    for (const secret of [client_secret, account.client_secret])
      expect((await tokenOf({ client_id: account.client_id, client_secret: secret })).status).toBe(200)
    await press('I have kept it')
    await button(`Edit ${HOSTILE}`).click()
    await dialog().getByLabel('Name').fill('Channel')
    await press('Save')
    await isClosed()
    await button('Disable Channel').click()
    await press('Disable')
    const row = page.getByRole('row', { name: /Channel/ })
    await row.getByText('disabled').waitFor()
    expect((await tokenOf({ client_id: account.client_id, client_secret })).status).toBe(401)
    expect(await page.locator('img, [onerror]').count()).toBe(0)
    await expectWell('clients')
  })

  test('has operators, of whom one has to be left, and keys that are rotated', async () => {
    await visit.go(`${id}/service`)
    await button('Disable Operator').click()
    await press('Disable')
    await dialog().getByRole('alert').getByText('last enabled client', { exact: false }).waitFor()
    await page.keyboard.press('Escape')
    await button('New operator…').click()
    await dialog().getByLabel('Name').fill('Second')
    await press('Create')
    await page.getByText('The secret is shown this once.', { exact: false }).waitFor()
    await press('I have kept it')
    await page.getByRole('row', { name: /Second/ }).waitFor()
    const keys = page.getByRole('list', { name: 'Signing keys' }).getByRole('listitem')
    await keys.first().waitFor()
    const before = await keys.count()
    await button('Rotate…').click()
    await press('Rotate')
    await page.getByText('signs from', { exact: false }).waitFor()
    await press('Close')
    await keys.nth(before).waitFor()
    await expectWell('the service')
  })

  test('exports a user, and erases it once its id is entered', async () => {
    const { threads } = await ok(admin.get(`/platform/threads/?organisation_id=${id}`))
    const userId: string = threads[0].user_id
    await visit.go(`${id}/threads/${userId}`)
    const saved = page.waitForEvent('download')
    await button('Export').click()
    const file = JSON.parse(await readFile(await (await saved).path(), 'utf8'))
    expect(file.user.user_id).toBe(userId)
    expect(file.messages.map(({ message_body }: { message_body: { text: string } }) => message_body.text)).toEqual([
      'My bill is wrong',
    ])
    expect(file.conversations).toHaveLength(1)
    await expectWell('a thread')
    await button('Erase…').click()
    expect(await dialog().getByRole('button', { name: 'Erase for good' }).isDisabled()).toBe(true)
    await visit.isAt('textbox', 'The user’s id, to confirm')
    await page.keyboard.type(userId)
    await press('Erase for good')
    await page.getByText(`${userId} is erased.`).waitFor()
    await page.getByText('There is no thread.').waitFor()
  })

  test('says what it is when the service refuses, and nothing happens twice', async () => {
    await visit.go(`${id}/settings`)
    await page.getByLabel('Name', { exact: true }).fill('Acme, busy')
    for (const [status, code, error] of [
      [429, 'rate_limited', 'More calls than 6000 a minute; wait.'],
      [503, 'overloaded', 'TRACT has more to do than it could answer in time.'],
    ] as const) {
      await page.route('**/platform/organisations/update/', (route) =>
        route.fulfill({ status, json: { error, code }, headers: { 'retry-after': '7' } }),
      )
      await button('Save').click()
      await page.getByRole('alert').getByText(error).waitFor()
      await page.getByRole('alert').getByText('in 7 s', { exact: false }).waitFor()
      expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Acme, busy')
      await page.unroute('**/platform/organisations/update/')
    }
    await button('Disable…').click()
    await press('Disable')
    await page.getByRole('heading', { name: 'The organisation is disabled' }).waitFor()
    expect((await listeners()).map(({ enabled }: { enabled: boolean }) => enabled)).toEqual([false, false, false])
  })
})
