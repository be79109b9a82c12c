/** A vendor's own tool in the sandbox: what one form gives it is all that it, and `tract`, need. */
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { Tract } from '@tract/client'
import { createHookReceiver } from '@tract/client/webhooks'
import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import { built } from '@tract/testing/built'
import { listen, stop } from '@tract/testing/listen'
import { Cli } from '../../../cli/test/support/cli.js'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'
import type { Visit } from './support/visit.js'
import { expectWellInBoth } from './support/well.js'

inBrowser('a vendor’s own tool', () => {
  let host: ConsoleHost
  let visit: Visit
  let cli: Cli

  beforeAll(async () => {
    host = await ConsoleHost.open({ environment: { TRACT_SANDBOX: 'on' } })
    await built('@tract/cli')
    cli = await Cli.create()
    visit = await host.operator()
  })
  afterEach(() => {
    expect(visit.problems.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await cli?.close()
    await host?.close()
  })

  test('takes part after one form, with one secret for all its hooks, and a file that logs it in', async () => {
    let secret = ''
    const heard: string[] = []
    const receiver = createHookReceiver({ secrets: () => [secret], onError: () => {} })
    let tool: Tract | undefined
    receiver.on('user_events', 'create_user', () => ({ ect_user_id: 'acme-1' }))
    receiver.on('message', 'receive', async ({ user_id, sender, message_body, in_control, history }, { test, id }) => {
      if (test || history || !in_control || sender !== 'ceu') return
      heard.push(String(message_body.text))
      const message = { user_id, sender: 'ect', message_body: 'Acme at your service' } as const
      await tool?.messages.send(message, { idempotencyKey: id })
    })
    const server = createServer(receiver.node)
    const url = `http://127.0.0.1:${await listen(server)}`
    const { page } = visit
    const region = (name: string) => page.getByRole('region', { name })
    const [chat, desk] = [region('The user’s chat'), region('The agent’s desk')]
    const write = async (words: string) => {
      await page.getByLabel('Write as the user').fill(words)
      await page.getByLabel('Write as the user').press('Enter')
    }
    try {
      await visit.go(`${SANDBOX_ORGANISATION_ID}/sandbox`)
      await page.getByLabel('Write as the user').waitFor()
      await page.getByRole('button', { name: 'Use my own tool' }).click()
      const dialog = page.getByRole('dialog', { name: 'Use my own tool' })
      const add = dialog.getByRole('button', { name: 'Add it' })
      await dialog.getByLabel('Name').fill('Acme Chat')
      await dialog.getByLabel('Address of its hooks').fill('http://10.0.0.1')
      await add.click()
      await dialog.getByRole('alert').waitFor() // no vendor leads the service into a private network
      await dialog.getByLabel('Address of its hooks').fill(url)
      // what fails in the middle is done again, as a whole
      let calls = 0
      await page.route('**/tract/hooks/register/', (route) =>
        ++calls === 5 ? route.fulfill({ status: 502, body: '' }) : route.continue(),
      )
      await add.click()
      await dialog.getByText('The service answered 502.').waitFor()
      await add.click()
      await dialog.getByText('the secrets are not shown again').waitFor()
      await expectWellInBoth(visit, 'an own tool that was added')
      const saved = page.waitForEvent('download')
      await dialog.getByRole('button', { name: 'Save' }).click()
      const download = await saved
      expect(download.suggestedFilename()).toBe('acme_chat.json')
      const file = join(cli.folder, 'acme_chat.json')
      await download.saveAs(file)
      const login = await cli.run('login', '--from', file, '--json')
      expect([login.exit, login.json]).toEqual([
        0,
        { profiles: ['acme_chat'], current: 'acme_chat', url: host.service.url },
      ])
      const hooks = (await cli.run('hooks', 'list', '--json')).json
      expect(hooks).toHaveLength(20)

      const written = JSON.parse((await dialog.locator('pre').textContent()) ?? '')
      const { client_id: clientId, client_secret: clientSecret, signing_secret } = written.listeners.acme_chat
      secret = signing_secret
      tool = new Tract({ baseUrl: written.url, clientId, clientSecret })
      await dialog.getByRole('button', { name: 'Try its hook' }).click()
      await dialog.getByText('acknowledged').waitFor()
      for (const { id } of hooks) expect(await tool.hooks.test({ id })).toMatchObject({ acknowledged: true })
      await dialog.getByRole('button', { name: 'I have kept it' }).click()
      await dialog.waitFor({ state: 'detached' })

      // from here on, the assistant asks which desk is wanted
      await write('I want a person')
      await chat.getByRole('button', { name: 'Talk to Acme Chat' }).click()
      await desk.getByText('in control', { exact: true }).waitFor()
      expect(await desk.getByLabel('Desk', { exact: true }).inputValue()).toBe('acme_chat')
      await write('My phone is dead')
      await chat.getByText('Acme at your service').waitFor()
      expect(heard).toEqual(['My phone is dead'])
      const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
      expect(kept).not.toMatch(/whsec_|acme/)
    } finally {
      await tool?.close()
      await stop(server)
    }
  })
})
