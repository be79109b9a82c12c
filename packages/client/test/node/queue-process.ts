/**
 * Works off a queue until it is killed, and adds to it from a number on, or until it is empty: a process to be killed. What is on the disk is printed;
 * what was worked off is written to another file, as a desk would have it.
 */
import { appendFileSync } from 'node:fs'
import { fileQueue } from '../../src/node/index.js'

const [path = '', target = '', from] = process.argv.slice(2)
const LANES = 3
const failed = new Set<string>()

const queue = await fileQueue<{ number: number; filler: string }>(path, {
  work: async ({ number }, { idempotencyKey }) => {
    await new Promise(setImmediate)
    if (number % 17 === 0 && failed.size < failed.add(idempotencyKey).size) throw new Error('The desk is away.')
    appendFileSync(target, `${number % LANES} ${idempotencyKey}\n`)
  },
  onRefused: () => {},
  onFailure: () => {},
})
process.stdout.write('open\n')
if (from !== undefined)
  for (let number = Number(from); ; number++) {
    // long enough for the file to be written again now and then
    await queue.add({ lane: `${number % LANES}`, key: `${number}`, item: { number, filler: 'x'.repeat(20_000) } })
    process.stdout.write(`kept ${number}.\n`)
  }
while (queue.size > 0) await new Promise(setImmediate)
await queue.close()
