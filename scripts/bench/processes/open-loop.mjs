/** Calls at a fixed rate, whatever becomes of the others, as many callers that know nothing of one another do. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { answer, clock } from './answer.mjs'
import { httpReader } from './http-stream.mjs'

/** Of a call that was not answered: its connection was closed. */
const NO_ANSWER = 0
/** Of a call that was not made, for want of a free connection: callers that wait for one would be a queue of the bench's own. */
const NOT_MADE = 1

class Caller {
  #socket
  #settle

  constructor(port, onFree, onClosed) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true)
    this.#socket.on(
      'data',
      httpReader((head) => {
        const settle = this.#settle
        this.#settle = undefined
        settle?.(Number(head.slice(9, 12)))
        onFree(this)
      }),
    )
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      const settle = this.#settle
      this.#settle = undefined
      settle?.(NO_ANSWER)
      onClosed(this)
    })
  }

  call(request, settle) {
    this.#settle = settle
    this.#socket.write(request)
  }

  close() {
    this.#socket.destroy()
  }
}

/**
 * Answers, for each call by its number, the status of its answer and the milliseconds from when it was due until then. `%user` in the body
 * becomes the name of a user, `%number` the call's. A call for which no connection is free opens another, up to a bound; then it is not made.
 * @param {{ port: number, rate: number, milliseconds: number, most: number, path: string, token: string, body: string,
 *   users: { prefix: string, count: number } }} options rate: calls a second; most: connections
 */
async function storm({ port, rate, milliseconds, most, path, token, body, users }) {
  const total = Math.round((rate * milliseconds) / 1_000)
  const statuses = new Uint16Array(total)
  const took = new Float64Array(total)
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: `
  const requestOf = (index) => {
    const filled = body.replace('%user', `${users.prefix}${index % users.count}`).replace('%number', String(index))
    return `${head}${filled.length}\r\n\r\n${filled}`
  }
  const all = new Set()
  const free = []
  let ended = 0
  let resolve
  const done = new Promise((each) => {
    resolve = each
  })
  const startedAt = clock()
  const dueAt = (index) => startedAt + (index * 1_000) / rate
  let next = 0
  const begin = (caller) => {
    const index = next++
    caller.call(requestOf(index), (status) => {
      statuses[index] = status
      took[index] = clock() - dueAt(index)
      if (++ended === total) resolve()
    })
  }
  const skip = () => {
    statuses[next++] = NOT_MADE
    ended++
  }
  const closed = (caller) => all.delete(caller)
  while (next < total) {
    while (next < total && clock() >= dueAt(next)) {
      let caller = free.pop()
      while (caller && !all.has(caller)) caller = free.pop()
      if (!caller && all.size < most) {
        caller = new Caller(port, (one) => free.push(one), closed)
        all.add(caller)
      }
      if (caller) begin(caller)
      else skip()
    }
    await sleep(1)
  }
  if (ended < total) await done
  for (const caller of all) caller.close()
  return { statuses, took }
}

answer({ storm })
