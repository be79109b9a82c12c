import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { call } from '../../../packages/testing/src/call.js'
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

test.each(['fastify', 'node-http'])('%s answers the call that it is measured by', async (server) => {
  const process = await BenchProcess.start('servers')
  try {
    const port = await process.call<number>('start', { server })
    const answer = await call(`http://127.0.0.1:${port}/tract/user/details/`, {
      body: { user_id: '8812', details_requested: ['email'] },
    })
    expect(answer).toMatchObject({ status: 200, body: { user_id: '8812', details: { email: 'asha@example.com' } } })
  } finally {
    await process.stop()
  }
})
