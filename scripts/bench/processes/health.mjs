/** Asks ports for their health, each time on a new connection, as a supervisor does. */
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { answer, clock } from './answer.mjs'

const EVERY_MS = 100

let goesOn = false
let ended

const once = (port) =>
  new Promise((resolve, reject) => {
    const from = clock()
    get({ port, host: '127.0.0.1', path: '/healthz', agent: false }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) resolve(clock() - from)
        else reject(new Error(`health is ${response.statusCode}`))
      })
    }).on('error', reject)
  })

async function watchOne(port) {
  const asked = []
  for (; goesOn; await sleep(EVERY_MS)) asked.push(once(port))
  return Float64Array.from(await Promise.all(asked))
}

answer({
  /** From now on until it is to end. */
  watch: ({ ports }) => {
    goesOn = true
    ended = Promise.all(ports.map(watchOne))
    ended.catch(() => {})
  },
  /** Returns the milliseconds of each answer, by port. */
  end: () => {
    goesOn = false
    return ended
  },
})
