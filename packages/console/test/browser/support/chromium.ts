/** A real browser, Debian's Chromium or the one that TRACT_CHROMIUM names. Without one, what needs it is skipped, and says so. */
import { existsSync } from 'node:fs'
import { describe } from '@jest/globals'
import { type Browser, chromium } from 'playwright-core'

const CANDIDATES = [process.env.TRACT_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome']

const executable = CANDIDATES.find((file) => file && existsSync(file))

export function launch(): Promise<Browser> {
  if (!executable) throw new Error('no Chromium is installed')
  return chromium.launch({ executablePath: executable, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** `describe`, where there is a browser: a skip that nobody sees is a lie. */
export function inBrowser(name: string, suite: () => void): void {
  if (!executable) {
    const how = 'apt-get install --no-install-recommends chromium, or TRACT_CHROMIUM=<path>'
    process.stderr.write(`Chromium is not installed: "${name}" is skipped (${how})\n`)
  }
  ;(executable ? describe : describe.skip)(name, suite)
}
