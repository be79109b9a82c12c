/** What `@tract/client/node` keeps, over the death of a process: on every runtime that has Node's modules. Told by the folder, and by which run it is. */
import process from 'node:process'
import { splitText, writeParts } from '@tract/client/desk'
import { FileInUseError, fileMap, fileQueue, fileStore, fileValue } from '@tract/client/node'

const [folder, run] = process.argv.slice(-2)
const path = (name) => `${folder}/${name}`
const done = []
let known = () => {}

const map = await fileMap(path('map.log'))
const store = await fileStore(path('store.log'))
const value = fileValue(path('value.json'))
const queue = await fileQueue(path('queue.log'), {
  work: async (item, { idempotencyKey }) => {
    if (run === 'first' && item.startsWith('a')) throw new Error('The desk is away.')
    done.push(`${item} by ${idempotencyKey}`)
    if (done.length === (run === 'first' ? 1 : 2)) known()
  },
  onRefused: () => {},
  onFailure: () => {},
})
const worked = new Promise((resolve) => {
  known = resolve
  if (done.length === 2) resolve()
})
if (run === 'first') {
  for (const item of ['a1', 'a2', 'b1']) await queue.add({ lane: item[0], key: `key-${item}`, item })
  const parts = await writeParts([], splitText('one two', { characters: 4 }), { add: (text) => `id of ${text}` })
  await map.set('parts', parts)
  await value.save(7)
  await store.claim({ id: 'd-1', token: 't', leaseMs: 60_000 })
  await store.complete('d-1', 't', 'answered')
}
await worked
const isLocked = await fileQueue(path('queue.log'), { work() {}, onRefused() {} }).catch((error) => error)
const kept = [map.get('parts'), await value.load(), await store.claim({ id: 'd-1', token: 'u', leaseMs: 1 })]
console.log(JSON.stringify({ done, kept, isLocked: isLocked instanceof FileInUseError }))
process.kill(process.pid, 'SIGKILL')
