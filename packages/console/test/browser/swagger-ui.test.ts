/** Swagger UI as a newcomer finds it: the sandbox's client is filled in, and a call works. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { inBrowser } from './support/chromium.js'
import { ConsoleHost } from './support/console-host.js'

inBrowser('Swagger UI', () => {
  let host: ConsoleHost

  beforeAll(async () => {
    host = await ConsoleHost.open({ environment: { TRACT_SANDBOX: 'on' } })
  })
  afterAll(() => host?.close())

  test('with the client that is filled in, a call works as it stands; the other document can be chosen', async () => {
    const visit = await host.visit()
    const { page } = visit
    await page.goto(`${host.service.url}/docs`)
    await page.getByRole('button', { name: 'Authorize' }).first().click()
    const dialog = page.locator('.modal-ux')
    expect(await dialog.locator('input[data-name="clientSecret"]').inputValue()).not.toBe('')
    await dialog.getByRole('button', { name: 'Apply given OAuth2 credentials' }).click()
    await dialog.getByRole('button', { name: 'Remove authorization' }).waitFor()
    await dialog.getByRole('button', { name: 'Close' }).first().click()

    const operation = page.locator('.opblock', { hasText: '/tract/hooks/list/' })
    await operation.locator('.opblock-summary').click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor()

    // a form is filled in as its example is
    for (const path of ['/tract/auth/token/', '/tract/auth/revoke/']) {
      const form = page.locator('.opblock', { has: page.locator(`[data-path="${path}"]`) })
      await form.locator('.opblock-summary').click()
      await form.getByRole('button', { name: 'Execute' }).click()
      await form.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor()
    }
    // what is filled in is said where it is, and a hook is nothing to call
    await page.getByRole('button', { name: 'Authorize' }).first().click()
    await dialog.getByText("the client of the sandbox's desk", { exact: false }).first().waitFor()
    await dialog.getByRole('button', { name: 'Close' }).first().click()
    const hook = page.locator('.webhooks .opblock').first()
    await hook.locator('.opblock-summary').click()
    await hook.locator('.opblock-body').waitFor()
    expect(await hook.getByRole('button', { name: /Execute|Try it out|Cancel/ }).count()).toBe(0)

    for (const document of ['platform', 'vendor']) {
      await page.getByLabel('Select a definition').selectOption(`/docs/tried/${document}.json`)
      await page.locator('.opblock', { hasText: '/tract/message/send/' }).waitFor()
      const provisioning = page.locator('.opblock-summary-path', { hasText: '/platform/organisations/update/' })
      await provisioning.waitFor({ state: document === 'platform' ? 'visible' : 'detached' })
    }
    await visit.close()
  })

  test("whoever has signed in at the console calls the platform's operations, in the name of a listener too", async () => {
    const visit = await host.operator()
    const { page } = visit
    await page.goto(`${host.service.url}/docs`)
    await page.getByLabel('Select a definition').selectOption('/docs/tried/platform.json')
    for (const path of ['/platform/listeners/update/', '/tract/hooks/list/', '/platform/user/erase/']) {
      const operation = page.locator('.opblock', { has: page.locator(`[data-path="${path}"]`) })
      await operation.locator('.opblock-summary').click()
      await operation.getByRole('button', { name: 'Execute' }).click()
      await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor()
    }
    await visit.close()
  })

  test('is there over plain http too, and shows pictures that a call answers with', async () => {
    const policy = (await fetch(`${host.service.url}/docs`)).headers.get('content-security-policy')
    expect(policy).not.toContain('upgrade-insecure-requests')
    expect(policy).toMatch(/img-src[^;]* blob:/)
  })

  test('no other site may load what has the client in it', async () => {
    const response = await fetch(`${host.service.url}/docs/static/swagger-initializer.js`)
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(await response.text()).toContain('clientSecret')
  })
})
