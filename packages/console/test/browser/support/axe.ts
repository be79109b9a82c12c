/** What axe finds wrong with a page for people who cannot see it, or not well, or use no mouse. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

const source = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export async function axeFindings(page: Page): Promise<string[]> {
  // evaluated from outside the page: its policy stops no tool of the browser's
  await page.evaluate(await source)
  const { violations }: AxeResults = await page.evaluate(
    (rules) => (globalThis as never as { axe: typeof import('axe-core') }).axe.run({ runOnly: rules }),
    RULES,
  )
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  )
}
