/** The real service with the console as it is built, and a browser. */

import { built } from '@tract/testing/built'
import { TestService } from '@tract/testing/service'
import { PATIENCE_MS } from '@tract/testing/until'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { ELSEWHERE, launch } from './browser.js'
import { Visit } from './visit.js'

export class ConsoleHost {
  private constructor(
    readonly service: TestService,
    readonly browser: Browser,
  ) {}

  static async open(options: Parameters<typeof TestService.start>[0] = {}): Promise<ConsoleHost> {
    await built('@tract/console', '@tract/guide')
    const service = await TestService.start(options)
    try {
      return new ConsoleHost(service, await launch())
    } catch (error) {
      await service.close()
      throw error
    }
  }

  /** Where the service is for those who come over plain http from another machine. */
  get elsewhere(): string {
    return `http://${ELSEWHERE}:${new URL(this.service.url).port}`
  }

  /** A visitor with cookies and a cache of its own, who is not signed in. */
  async visit(options: BrowserContextOptions = {}, url = this.service.url): Promise<Visit> {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    return new Visit(url, context, page)
  }

  /** The operator of the first start, signed in. */
  async operator(options: BrowserContextOptions = {}): Promise<Visit> {
    const visit = await this.visit(options)
    await visit.signIn(this.service.demo.admin)
    return visit
  }

  async close(): Promise<void> {
    await this.browser.close()
    await this.service.close()
  }
}
