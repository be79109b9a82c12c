import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { BenchProcess } from '../processes.js'

const FOLDER = fileURLToPath(new URL('../processes', import.meta.url))

/** Modules of several processes. */
const SHARED = ['answer', 'answer-forms', 'call-clients', 'delivery', 'http-stream', 'of-server', 'operation']

const names = readdirSync(FOLDER)
  .map((file) => file.replace('.mjs', ''))
  .filter((name) => !SHARED.includes(name))

test.each(names)('%s starts', async (name) => {
  const process = await BenchProcess.start(name)
  expect(await process.cpu()).toBeGreaterThan(0)
  await process.stop()
})
