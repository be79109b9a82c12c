/** `npm run screenshots`: the two pictures of the README, of a conversation that is played in the sandbox for them. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SANDBOX_ORGANISATION_ID } from '@tract/contract/sandbox'
import type { Page } from 'playwright-core'
import { launch } from '../test/browser/support/browser.js'
import { startService } from './service.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const IMAGES = join(ROOT, 'docs', 'images')
const USER = 'asha'

async function signIn(page: Page, { client_id, client_secret }: { client_id: string; client_secret: string }) {
  await page.getByLabel('Client id').fill(client_id)
  await page.getByLabel('Client secret').fill(client_secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** The user asks for a person, and an agent answers. */
async function play(page: Page): Promise<void> {
  const chat = page.getByRole('region', { name: 'The user’s chat' })
  const desk = page.getByRole('region', { name: 'The agent’s desk' })
  const say = async (as: 'user' | 'agent', words: string) => {
    await page.getByLabel(`Write as the ${as}`).fill(words)
    await page.getByLabel(`Write as the ${as}`).press('Enter')
  }
  await say('user', 'Hi, my bill is wrong')
  await chat.getByRole('button', { name: 'Talk to a person' }).last().click()
  await desk.getByText('in control', { exact: true }).waitFor()
  await desk.getByText('pinned', { exact: true }).first().waitFor()
  await say('agent', 'This is Ravi. The money goes back to you today.')
  await chat.getByText('This is Ravi.', { exact: false }).waitFor()
}

const service = await startService(ROOT)
const browser = await launch()
try {
  await mkdir(IMAGES, { recursive: true })
  const page = await browser.newPage({ viewport: { width: 1440, height: 960 }, colorScheme: 'light' })
  page.setDefaultTimeout(20_000)
  const organisation = `${service.url}/console/${SANDBOX_ORGANISATION_ID}`
  await page.goto(`${organisation}/sandbox/${USER}`)
  await signIn(page, service.admin)
  await play(page)
  await page.locator('.timeline .mark-warn').first().waitFor({ state: 'detached' })
  await page.evaluate(() => window.scrollTo(0, 0))
  await page.screenshot({ path: join(IMAGES, 'sandbox.png') })
  await page.goto(`${organisation}/threads/${USER}`)
  await page.getByRole('img', { name: /State of the conversation/ }).waitFor()
  await page.getByText('This is Ravi.', { exact: false }).first().waitFor()
  await page.screenshot({ path: join(IMAGES, 'thread.png') })
  console.log('docs/images/sandbox.png and docs/images/thread.png')
} finally {
  await browser.close()
  await service.stop()
}
