/** A real browser: Debian's Chromium, without its windows where that is installed, or the one that TRACT_CHROMIUM names. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const CANDIDATES = [
  process.env.TRACT_CHROMIUM,
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
]

/** How to get one. */
export const HOW_TO_INSTALL =
  'apt-get install --no-install-recommends chromium-headless-shell, or TRACT_CHROMIUM=<path>'

/** Where it is; undefined where there is none. */
export const executable = CANDIDATES.find((file) => file && existsSync(file))

/** A name of this machine whose pages are to the browser what those of another machine are. */
export const ELSEWHERE = 'tract.test'

export function launch(): Promise<Browser> {
  if (!executable) throw new Error(`Chromium is not installed: ${HOW_TO_INSTALL}`)
  const args = ['--no-sandbox', '--disable-dev-shm-usage', `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`]
  return chromium.launch({ executablePath: executable, args })
}
