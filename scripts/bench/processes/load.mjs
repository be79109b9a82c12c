/** Calls an API over keep-alive connections: as fast as it answers, or at a fixed rate. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { answer, clock } from './answer.mjs'
import { httpReader } from './http-stream.mjs'

/** One connection, one call at a time. */
class Connection {
  #socket
  #waiting = null

  constructor(port) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true)
    this.#socket.on(
      'data',
      httpReader((head, body) => this.#settle('resolve', refusal(head, body))),
    )
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => this.#settle('reject', new Error('the server closed the connection')))
  }

  /** Resolves to null for a 2xx, else to what was answered. */
  call(request) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(request)
    })
  }

  #settle(how, value) {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.[how](value)
  }

  close() {
    this.#waiting = null
    this.#socket.destroy()
  }
}

const refusal = (head, body) => (head[9] === '2' ? null : `${head.slice(9, head.indexOf('\r\n'))} ${body}`)

/**
 * The text of the calls. In the body, `%user` becomes the name of one user after another, and
 * `%clock` the time.
 * @param {{ path: string, token?: string, body: string, users?: { prefix: string, count: number }
 * }} options
 * @returns {(index: number) => string}
 */
function requests({ path, token, body, users = { prefix: 'u', count: 1 } }) {
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    ...(token ? [`authorization: Bearer ${token}`] : []),
    'content-type: application/json',
    'content-length: ',
  ].join('\r\n')
  const text = (filled) => `${head}${Buffer.byteLength(filled)}\r\n\r\n${filled}`
  if (!body.includes('%')) {
    const always = text(body)
    return () => always
  }
  return (index) =>
    text(body.replace('%user', `${users.prefix}${index % users.count}`).replace('%clock', String(clock())))
}

/** The pause of a caller that was told to come again. */
const AGAIN_MS = 100

/**
 * As many calls as are answered in that time, or that number of calls. A `patient` caller may be
 * told to come again. An `awake` one polls for answers: otherwise a slow server pays for waking its
 * callers, and a fast one does not.
 */
async function flood({
  port,
  connections,
  awake = false,
  patient = false,
  milliseconds = Number.POSITIVE_INFINITY,
  calls = Number.POSITIVE_INFINITY,
  ...what
}) {
  const request = requests(what)
  const pool = Array.from({ length: connections }, () => new Connection(port))
  const startedAt = clock()
  let begun = 0
  let answered = 0
  let goesOn = awake
  const stayAwake = () => goesOn && setImmediate(stayAwake)
  stayAwake()
  try {
    await Promise.all(
      pool.map(async (connection) => {
        while (begun < calls && clock() - startedAt < milliseconds) {
          const refused = await connection.call(request(begun++))
          if (patient && refused?.startsWith('503')) {
            await sleep(AGAIN_MS)
            continue
          }
          check(refused)
          answered++
        }
      }),
    )
  } finally {
    goesOn = false
    for (const connection of pool) connection.close()
  }
  return { answered, milliseconds: clock() - startedAt }
}

/** Calls at a fixed rate, however long each takes. */
async function pace({ port, rate, milliseconds, ...what }) {
  const request = requests(what)
  const free = []
  const underWay = new Set()
  const all = []
  const took = []
  const startedAt = clock()
  const call = async (index) => {
    const connection = free.pop() ?? new Connection(port)
    if (!all.includes(connection)) all.push(connection)
    const from = clock()
    check(await connection.call(request(index)))
    took.push(clock() - from)
    free.push(connection)
  }
  const total = Math.round((rate * milliseconds) / 1000)
  for (let index = 0; index < total; ) {
    for (; index < total && clock() >= startedAt + (index * 1000) / rate; index++) {
      const one = call(index).finally(() => underWay.delete(one))
      underWay.add(one)
    }
    await sleep(1)
  }
  await Promise.all(underWay)
  for (const connection of all) connection.close()
  return { answered: took.length, took: Float64Array.from(took) }
}

function check(refused) {
  if (refused !== null) throw new Error(`a call was refused: ${refused}`)
}

answer({ flood, pace })
