/** Handles deliveries without end, and prints each that the store has kept: a process to be killed. */
import { fileStore } from '../../src/node/index.js'

const store = await fileStore(process.argv[2] ?? '')
for (let id = 1; ; id++) {
  await store.claim({ id: `${id}`, token: 'mine', leaseMs: 60_000 })
  await store.complete(`${id}`, 'mine', `answer of ${id}`)
  process.stdout.write(`kept ${id}\n`)
}
