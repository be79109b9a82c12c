/** An upload and a download of 25 MiB hold little of it in memory: measured, with the heap swept, in the middle of each. */

import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'

const MIB = 1_048_576
const SIZE = 25 * MIB
const CHUNK = Buffer.alloc(65_536, 'x')

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Bytes that are in use, of JavaScript and of buffers. */
async function held(): Promise<number> {
  // buffers are freed a turn after what held them
  for (let turn = 0; turn < 3; turn++) {
    gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

let service: TestService
beforeAll(async () => {
  service = await TestService.start()
})
afterAll(() => service.close())

test('an upload of 25 MiB holds less than 2 MiB', async () => {
  const { token } = await service.login(service.demo.listeners.desk)
  const incoming = join(service.dataDir, 'attachments/incoming')
  const upload = async (watch: (sent: number) => Promise<void>) => {
    const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    const end = '\r\n--b--\r\n'
    const outgoing = request(`${service.url}/tract/attachments/`, {
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
  // once for what is loaded and compiled by the first
  expect(await upload(async () => {})).toBe(200)
  const before = await held()
  let most = 0
  const status = await upload(async (sent) => {
    if (sent % (10 * MIB) !== 0) return
    // what was sent has come, and lies on disk
    await until(async () => {
      const [name] = await readdir(incoming)
      return name !== undefined && (await stat(join(incoming, name))).size > sent - 2 * MIB
    }, 'what was sent on disk')
    most = Math.max(most, await held())
  })
  expect(status).toBe(200)
  // what is there after it too is not the upload's: the service has other work, and code is compiled
  const after = await held()
  const itsOwn = most - Math.max(before, after)
  console.log(`an upload of ${SIZE / MIB} MiB holds ${(itsOwn / MIB).toFixed(2)} MiB at most`)
  expect(itsOwn).toBeLessThan(2 * MIB)
  expect(after - before).toBeLessThan(SIZE / 2)
})
