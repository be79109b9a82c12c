/** Asks ports for their health, each time on a new connection, as what watches over a service does. */
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

/** From now on until it is to end. */
function watch({ ports }) {
  goesOn = true
  const each = ports.map(async (port) => {
    const took = []
    const asked = []
    while (goesOn) {
      asked.push(once(port).then((milliseconds) => took.push(milliseconds)))
      await sleep(EVERY_MS)
    }
    await Promise.all(asked)
    return Float64Array.from(took)
  })
  ended = Promise.all(each)
  ended.catch(() => {})
}

/** Answers the milliseconds of each answer, by port. */
function end() {
  goesOn = false
  return ended
}

answer({ watch, end })
