/** An upload of 25 MiB holds little of it in memory: measured in a process of its own, with the heap swept, in the middle of it. */

import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { login } from '@tract/testing/call'
import { createDatabase, type TestDatabase } from '@tract/testing/postgres'
import type { Program } from '@tract/testing/program'
import { until } from '@tract/testing/until'
import { BUNDLED, Starts } from '../start/started.js'

const MIB = 1_048_576
const SIZE = 25 * MIB
const CHUNK = Buffer.alloc(65_536, 'x')
const MOST_HELD = 2 * MIB

/** At a signal, the service says how many bytes are in use, of JavaScript and of buffers, which are freed a turn after what held them. */
const TELLS_OF_MEMORY = `data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', async () => {
  for (let turn = 0; turn < 3; turn++) {
    gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  console.log('holds ' + (heapUsed + external) + ' bytes')
})`)}`

let database: TestDatabase
let starts: Starts
let service: Program
beforeAll(async () => {
  database = await createDatabase()
  const [node, ...words] = BUNDLED
  starts = await Starts.create([node, '--expose-gc', '--import', TELLS_OF_MEMORY, ...words])
  service = await starts.run({ DATABASE_URL: database.url })
})
afterAll(async () => {
  await starts.close()
  await database.drop()
})

async function held(): Promise<number> {
  const told = () => [...service.stdout.matchAll(/holds (\d+) bytes/g)].map(([, bytes]) => Number(bytes))
  const before = told().length
  service.child.kill('SIGUSR2')
  return until(() => told()[before], 'the service says what it holds')
}

test('an upload of 25 MiB holds less than 2 MiB', async () => {
  const url = `http://127.0.0.1:${starts.port}`
  const { token } = await login(url, (await starts.demo()).listeners.desk)
  const incoming = join(starts.dataDir, 'attachments/incoming')
  const upload = async (watch: (sent: number) => Promise<void>) => {
    const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    const end = '\r\n--b--\r\n'
    const outgoing = request(`${url}/tract/attachments/`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': head.length + SIZE + end.length,
      },
    })
    const answered = new Promise<number>((resolve, reject) => {
      outgoing.on('error', reject).on('response', (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      })
    })
    outgoing.write(head)
    for (let sent = CHUNK.length; sent <= SIZE; sent += CHUNK.length) {
      // an answer that comes before the end is a refusal
      if (!outgoing.write(CHUNK)) await Promise.race([once(outgoing, 'drain'), answered])
      await watch(sent)
    }
    outgoing.end(end)
    return answered
  }
  // for what is loaded and compiled by the first
  for (let times = 0; times < 2; times++) expect(await upload(async () => {})).toBe(200)
  const before = await held()
  let most = 0
  const status = await upload(async (sent) => {
    if (sent % (10 * MIB) !== 0) return
    // The upload stands still here. The service has other work, whose garbage is not the upload's: that goes, and what the upload holds stays.
    let its = Infinity
    await until(async () => {
      its = Math.min(its, (await held()) - before)
      return its < MOST_HELD
    }, `no more than ${MOST_HELD} bytes of the ${sent} that were sent in memory`)
    most = Math.max(most, its)
    const [name = ''] = await readdir(incoming)
    await until(async () => (await stat(join(incoming, name))).size > sent - MOST_HELD, 'what was sent on disk')
  })
  expect(status).toBe(200)
  console.log(`an upload of ${SIZE / MIB} MiB holds ${(most / MIB).toFixed(2)} MiB at most`)
})
