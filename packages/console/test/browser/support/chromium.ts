/** Suites that need a browser. Without one they are skipped, and say so. */
import { describe } from '@jest/globals'
import { executable, HOW_TO_INSTALL } from './browser.js'

/** `describe`, where there is a browser: a skip has to be seen. */
export function inBrowser(name: string, suite: () => void): void {
  if (!executable) process.stderr.write(`Chromium is not installed: "${name}" is skipped (${HOW_TO_INSTALL})\n`)
  ;(executable ? describe : describe.skip)(name, suite)
}
