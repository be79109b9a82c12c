/** What a newcomer is led by: from the sandbox to an organisation of their own, and there to a conversation that is passed on. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { ok } from '@tract/testing/call'
import type { Receiver } from '@tract/testing/receiver'
import type { World } from '@tract/testing/world'
import type { Page } from 'playwright-core'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import type { Visit } from './support/visit.js'
import { expectWellInBoth } from './support/well.js'

const isSandbox = ({ id }: { id: string }): boolean => id === SANDBOX_ORGANISATION_ID

inBrowser('a newcomer in the console', () => {
  let host: ConsoleHost
  let receiver: Receiver
  let visit: Visit
  let page: Page
  /** Message delivery and a desk, at first. */
  let world: World<'md' | 'desk'>
  let organisation = ''

  beforeAll(async () => {
    host = await ConsoleHost.open({ environment: { TRACT_SANDBOX: 'on' } })
    receiver = await host.service.receiver()
    world = await host.service.world({ md: 'md', desk: 'ect' })
    organisation = world.organisation
    visit = await host.operator()
    page = visit.page
  })
  afterEach(() => {
    expect(visit.problems.splice(0)).toEqual([])
  })
  afterAll(() => host?.close())

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const entry = (name: string) =>
    page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name, exact: true })
  const desk = () => page.getByRole('region', { name: 'The agent’s desk' })
  const write = async (words: string) => {
    await page.getByLabel('Write as the user').fill(words)
    await page.getByLabel('Write as the user').press('Enter')
  }

  test('who has nothing but the sandbox is led to an organisation of their own', async () => {
    const own = button('Make an organisation of your own…')
    await visit.go(`${SANDBOX_ORGANISATION_ID}/sandbox`)
    await page.getByLabel('Write as the user').waitFor()
    await page.getByRole('combobox', { name: 'Organisation' }).getByText('Sandbox').waitFor()
    expect(await own.count()).toBe(0)
    const path = /\/platform\/organisations\/\?/
    const { organisations } = await ok((await host.service.admin()).get('/platform/organisations/'))
    await page.route(path, (route) => route.fulfill({ json: { organisations: organisations.filter(isSandbox) } }))
    await page.reload()
    await own.waitFor()
    await expectWellInBoth(visit, 'the sandbox alone')
    await own.click()
    await page.getByRole('dialog', { name: 'New organisation' }).waitFor()
    await page.unroute(path)
  })

  test('makes both who answer a user, and comes back to the first steps', async () => {
    await visit.go(`${organisation}/start`)
    await page.getByRole('link', { name: /\(desk\)$/ }).waitFor()
    expect(await button('Create a desk…').count()).toBe(0)
    await expectWellInBoth(visit, 'first steps with a desk')
    await entry('Clients').click()
    await page.getByRole('heading', { name: 'Clients', level: 1 }).waitFor()
    await entry('First steps').click()
    await button('Create an assistant…').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true }).click()
    await page.getByRole('link', { name: /\(iva\)$/ }).waitFor()
    await page.getByRole('link', { name: /\(desk\)$/ }).waitFor()
    await button('Register message delivery’s hook…').waitFor()
    const writing = page.getByRole('link', { name: 'Write as a user' })
    // the desk has no hook
    expect(await writing.getAttribute('class')).not.toContain('button-primary')
    await visit.go(`${organisation}/settings`)
    await page.locator('.page-actions').getByRole('link', { name: 'First steps' }).click()
    await writing.click()
    await page.getByLabel('Write as the user').waitFor()
  })

  test('passes a conversation on for an assistant without a hook, and comes back to its user', async () => {
    await write('Hi')
    await page.getByText(/It cannot now. .*has no active hook/).waitFor()
    await receiver.hear(world.listeners.desk, 'message.receive')
    await page.reload()
    await desk().getByRole('button', { name: 'iva: pass to desk…' }).waitFor()
    await expectWellInBoth(visit, 'an assistant without a hook')
    await desk().getByRole('button', { name: 'iva: pass to desk…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Pass', exact: true }).click()
    await desk().getByText('in control', { exact: true }).waitFor()
    const address = page.url()
    await page.getByRole('link', { name: 'Open its thread' }).click()
    await page.getByRole('heading', { name: 'Thread control' }).waitFor()
    await entry('First steps').waitFor({ state: 'detached' })
    await entry('Sandbox').click()
    await page.getByRole('region', { name: 'The user’s chat' }).getByText('Hi', { exact: true }).waitFor()
    expect(page.url()).toBe(address)
    await button('New user').click()
    await page.getByText('Write something as the user').waitFor()
    expect(page.url()).not.toBe(address)
    const { threads } = await ok((await host.service.admin()).get(`/platform/threads/?organisation_id=${organisation}`))
    expect(threads).toHaveLength(1)
  })
})
