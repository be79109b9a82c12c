/// <reference lib="dom" />
/** What somebody waits for who opens a long thread in the console. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { executable, HOW_TO_INSTALL, launch } from '../../packages/console/test/browser/support/browser.js'
import { openPool } from '../../packages/server/src/database/database.js'
import { newMemory } from '../../packages/server/src/threads/thread.js'
import { writePast } from '../../packages/server/test/support/history.js'
import type { BenchSet } from './bench.js'
import type { BenchDatabase } from './database.js'
import { atMost, figure, measured } from './figure.js'
import { percentile } from './measure.js'
import { messageCall, type Organisation, Tract } from './tract.js'

type Browser = Awaited<ReturnType<typeof launch>>
type Page = Awaited<ReturnType<Browser['newPage']>>

const USER = 'long'
const LAST = 'The last one'
const MESSAGES = 1_000
const LISTENERS = ['desk', 'second', 'third', 'fourth', 'fifth']
const FRAMES = 120
/** Pixels in one frame: nobody scrolls faster. */
const STRIDE = 400

export const consoleSet: BenchSet = {
  name: 'console',
  about: `Opening a thread of ${MESSAGES} messages and ${MESSAGES * LISTENERS.length} deliveries in the console, in Chromium: until its last message stands there, and what a frame takes while its timeline is scrolled.`,
  async run({ postgres, rounds, note }) {
    if (executable === undefined) {
      note(`console: not measured, for there is no browser (${HOW_TO_INSTALL}).`)
      return []
    }
    const database = await postgres.database()
    const tract = await Tract.start(database)
    const browser = await launch()
    try {
      const organisation = await tract.organisation('http://127.0.0.1:9/')
      await writeThread(database, tract, organisation)
      const page = await signedIn(browser, database, `${tract.url}/console/${organisation.id}/threads/${USER}`)
      const seen: { opened: number; frame: number }[] = []
      for (let round = 0; round <= rounds; round++) {
        const opened = await open(page)
        const frame = percentile(await scroll(page), 95)
        if (round > 0) seen.push({ opened, frame })
      }
      return [
        figure({
          name: 'a long thread is there after',
          unit: 'ms',
          subject: measured(seen, ({ opened }) => opened),
          bar: atMost(1_000, 'value'),
        }),
        figure({
          name: 'a frame while it is scrolled, p95',
          unit: 'ms',
          subject: measured(seen, ({ frame }) => frame),
        }),
      ]
    } finally {
      await browser.close()
      await tract.stop()
      await database.drop()
    }
  },
}

async function writeThread(database: BenchDatabase, tract: Tract, organisation: Organisation): Promise<void> {
  const admin = await tract.admin()
  for (const listener_id of LISTENERS.slice(1))
    await tract.post('/platform/listeners/', admin, {
      organisation_id: organisation.id,
      listener_id,
      kind: 'analytics',
    })
  const db = openPool({ connectionString: database.url, max: 1 }, () => {})
  const began = Date.now() - MESSAGES * 2_000
  const at = Array.from({ length: MESSAGES }, (_, number) => new Date(began + number * 1_000))
  for (const listener of LISTENERS)
    await writePast(db, { organisationId: organisation.id, userId: USER, listener, at, ended: at.length })
  await db.query('update threads set memory = $1 where user_id = $2', [newMemory(), USER])
  await db.query(
    `update messages set message_body = message_body || jsonb_build_object('text', 'No. ' || message_id, 'data', '{}'::jsonb)`,
  )
  await db.end()
  const { path, token } = messageCall(organisation.writer, { prefix: USER, count: 1 })
  await tract.post(path, token, { user_id: USER, sender: 'ceu', message_body: LAST, user: {} })
}

async function signedIn(browser: Browser, database: BenchDatabase, address: string): Promise<Page> {
  const { admin } = JSON.parse(await readFile(join(database.dataDir, 'admin.json'), 'utf8'))
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.goto(address)
  await page.getByLabel('Client id').fill(admin.client_id)
  await page.getByLabel('Client secret').fill(admin.client_secret)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText(LAST).first().waitFor()
  return page
}

/** Milliseconds from the beginning of the navigation. */
async function open(page: Page): Promise<number> {
  await page.reload({ waitUntil: 'commit' })
  await page.getByText(LAST).first().waitFor()
  return page.evaluate(() => performance.now())
}

/** Milliseconds of each frame. */
function scroll(page: Page): Promise<number[]> {
  return page.evaluate(
    async ({ frames, stride }) => {
      const timeline = document.querySelector('.timeline-scroll') as HTMLElement
      const times: number[] = []
      let before = await new Promise<number>(requestAnimationFrame)
      for (let count = 0; count < frames; count++) {
        timeline.scrollTop += stride
        const now = await new Promise<number>(requestAnimationFrame)
        times.push(now - before)
        before = now
      }
      return times
    },
    { frames: FRAMES, stride: STRIDE },
  )
}
