/** What a person has before their eyes. */
import { expect } from '@jest/globals'
import type { Locator } from 'playwright-core'

export async function expectFocus(where: Locator, name: string): Promise<void> {
  const button = where.getByRole('button', { name, exact: true })
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true)
}

export async function expectShown(picture: Locator): Promise<void> {
  await picture.scrollIntoViewIfNeeded()
  const shown = await picture.evaluate(
    (image: HTMLImageElement) =>
      new Promise<boolean>((resolve) => {
        if (image.complete) resolve(image.naturalWidth > 0)
        image.onload = () => resolve(true)
        image.onerror = () => resolve(false)
      }),
  )
  expect(shown).toBe(true)
}
