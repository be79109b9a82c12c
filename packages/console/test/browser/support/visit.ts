/** A user of the console with a browser. Every complaint of the browser is a failure: errors, and what the policy stopped. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PATIENCE_MS, until } from '@tract/testing/until'
import type { BrowserContext, Page } from 'playwright-core'
import type { Credentials } from '../../../../server/src/accounts/first-start.js'

/** CI keeps them; git does not. */
const SCREENSHOTS = fileURLToPath(new URL('../../../../../artefacts/console/', import.meta.url))

/** Chromium's way to say that a call was refused, which pages show by themselves. */
const REFUSED_CALL = /^Failed to load resource: the server responded with a status of/

export class Visit {
  /** What the browser complained about. */
  readonly problems: string[] = []
  /** Every address that was asked for. */
  readonly addresses: string[] = []

  constructor(
    readonly url: string,
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    this.#watch(page)
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.problems.push(`${error.name}: ${error.message}`))
    page.on('console', (message) => {
      const told = message.type() === 'error' || message.type() === 'warning'
      if (told && !REFUSED_CALL.test(message.text())) this.problems.push(message.text())
    })
    page.on('request', (request) => this.addresses.push(request.url()))
  }

  async signIn({ client_id, client_secret }: Credentials): Promise<void> {
    await this.go('')
    await this.page.getByLabel('Client id').fill(client_id)
    await this.page.getByLabel('Client secret').fill(client_secret)
    await this.page.getByRole('button', { name: 'Sign in' }).click()
    await this.page.getByRole('navigation', { name: 'Views' }).waitFor()
  }

  /** One more window of the same browser. */
  async openWindow(path: string): Promise<Page> {
    const page = await this.context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    this.#watch(page)
    await page.goto(`${this.url}/console/${path}`)
    return page
  }

  /** @param path below `/console/` */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.url}/console/${path}`)
  }

  /** Presses keys until something has the focus that has this role and name. */
  async tabTo(role: string, name: string, most = 60): Promise<void> {
    const wanted = this.page.getByRole(role as 'button', { name, exact: true })
    for (let pressed = 0; pressed < most; pressed++) {
      await this.page.keyboard.press('Tab')
      if (await wanted.evaluateAll((found) => found.includes(document.activeElement as HTMLElement))) return
    }
    throw new Error(`${most} times Tab do not lead to the ${role} "${name}"`)
  }

  /** Waits until what has this role and name has the focus. */
  async isAt(role: string, name: string): Promise<void> {
    const wanted = this.page.getByRole(role as 'button', { name, exact: true })
    const has = () => wanted.evaluateAll((found) => found.includes(document.activeElement as HTMLElement))
    await until(has, `the focus at the ${role} "${name}"`)
  }

  /** To look at afterwards. */
  async keepScreenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) })
  }

  close(): Promise<void> {
    return this.context.close()
  }
}
