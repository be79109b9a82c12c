/** What every page has to be: in reach of everybody, and no wider than its window. */
import { expect } from '@jest/globals'
import { axeFindings } from './axe.js'
import type { Visit } from './visit.js'

const LOOKS = [
  [390, 'dark'],
  [1280, 'light'],
] as const

export async function expectWell({ page }: Pick<Visit, 'page'>): Promise<void> {
  expect(await axeFindings(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
}

/** On a phone and in dark, then wide and in light, where it stays; a picture of each. */
export async function expectWellInBoth(visit: Visit, name: string): Promise<void> {
  for (const [width, colorScheme] of LOOKS) {
    await visit.page.setViewportSize({ width, height: 900 })
    await visit.page.emulateMedia({ colorScheme })
    await expectWell(visit)
    await visit.keepScreenshot(`${name}, ${width} ${colorScheme}`)
  }
}
