/** How long the service takes from its command to its first answer, and until it is ready, on data that is there. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../packages/testing/src/listen.js'
import type { Bench, BenchSet } from './bench.js'
import { atMost, type Figure, figure, measured } from './figure.js'
import { rounded } from './measure.js'
import { environmentOf, SERVICE_FLAGS } from './tract.js'
import { SUBJECT } from './turns.js'

const MAIN = join(SUBJECT, 'packages/server/bundle/main.js')
/** Processes that do nothing but compute, on a machine of two cores. */
const BUSY = 4

/** Milliseconds from the command. */
interface Start {
  answers: number
  ready: number
}

interface Form {
  name: string
  environment: NodeJS.ProcessEnv
  busy: number
  bars: Partial<Start>
}

export const start: BenchSet = {
  name: 'start',
  about: 'Milliseconds from the command to the first answer, and until the service is ready, on data that is there.',
  async run({ postgres, rounds }: Bench) {
    const database = await postgres.database()
    const folder = await mkdtemp(join(tmpdir(), 'tract-bench-start-'))
    // The embedded PostgreSQL runs under an account of its own, which has to be able to pass through.
    await chmod(folder, 0o711)
    const byUrl = environmentOf(database)
    const embedded = { NODE_ENV: 'development', TRACT_DATA_DIR: join(folder, 'data') }
    const forms: Form[] = [
      { name: 'production, by URL', environment: byUrl, busy: 0, bars: { answers: 1_000, ready: 1_200 } },
      { name: `production, by URL, ${BUSY} busy processes`, environment: byUrl, busy: BUSY, bars: { ready: 3_000 } },
      { name: 'development, embedded', environment: embedded, busy: 0, bars: { ready: 2_500 } },
    ]
    try {
      const figures: Figure[] = []
      for (const form of forms) figures.push(...(await measure(form, rounds)))
      return figures
    } finally {
      await database.drop()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

async function measure({ name, environment, busy, bars }: Form, rounds: number): Promise<Figure[]> {
  const starts: Start[] = []
  const others = Array.from({ length: busy }, () => spawn(process.execPath, ['-e', 'for (;;);']))
  try {
    for (let round = 0; round <= rounds; round++) {
      const started = await startOnce(environment)
      const { answers, ready } = started
      process.stderr.write(
        `  ${round === 0 ? 'warm-up' : `round ${round}`}  ${name}: answers after ${rounded(answers)}, ready after ${rounded(ready)} ms\n`,
      )
      if (round > 0) starts.push(started)
    }
  } finally {
    for (const other of others) other.kill('SIGKILL')
  }
  return (['answers', 'ready'] as const).map((what) => {
    const bar = bars[what]
    const subject = measured(starts, (one) => one[what])
    return figure({ name: `${name}: ${what}`, unit: 'ms', subject, ...(bar && { bar: atMost(bar, 'value') }) })
  })
}

async function startOnce(environment: NodeJS.ProcessEnv): Promise<Start> {
  const port = await freePort()
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, ...environment, TRACT_PORT: String(port), TRACT_PUBLIC_URL: `http://localhost:${port}` }
  const from = performance.now()
  const child = spawn(process.execPath, [...SERVICE_FLAGS, MAIN], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')
  try {
    const answers = await until(child, port, (status) => status > 0)
    const ready = await until(child, port, (status) => status === 200)
    return { answers: answers - from, ready: ready - from }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

/** When the answer about readiness is such. */
async function until(child: ChildProcess, port: number, is: (status: number) => boolean): Promise<number> {
  while (!is(await readiness(port))) {
    if (child.exitCode !== null) throw new Error('the service did not start')
    await sleep(2)
  }
  return performance.now()
}

/** 0: none. */
const readiness = (port: number): Promise<number> =>
  new Promise((resolve) => {
    get({ port, host: 'localhost', path: '/readyz', agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    }).on('error', () => resolve(0))
  })
