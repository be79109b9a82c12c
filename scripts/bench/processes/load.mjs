/** Calls an API over connections that are kept: as fast as it answers, or at a fixed rate. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { answer, clock } from './answer.mjs'
import { httpReader } from './http-stream.mjs'

/** One connection, one call at a time. */
class Connection {
  #socket
  #settle

  constructor(port, onClosed, host = '127.0.0.1') {
    this.#socket = connect(port, host).setNoDelay(true)
    this.#socket.on(
      'data',
      httpReader((head, body) => this.#end(head, body)),
    )
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.#end()
      onClosed?.(this)
    })
  }

  /** @param settle gets the head and the body of the answer, or neither where the connection was closed */
  begin(request, settle) {
    this.#settle = settle
    this.#socket.write(request)
  }

  /** Resolves to null for a 2xx, else to what was answered. */
  call(request) {
    return new Promise((resolve, reject) => {
      this.begin(request, (head, body) => {
        if (head === undefined) reject(new Error('the server closed the connection'))
        else resolve(head[9] === '2' ? null : `${head.slice(9, head.indexOf('\r\n'))} ${body}`)
      })
    })
  }

  #end(head, body) {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(head, body)
  }

  close() {
    this.#settle = undefined
    this.#socket.destroy()
  }
}

/**
 * The text of the calls. In the body, `%user` becomes the name of one user after another, `%clock`
 * the time, and `%number` the call's number.
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
  const filled = (index) => body.replace('%user', `${users.prefix}${index % users.count}`).replace('%number', index)
  return (index) => text(filled(index).replace('%clock', clock()))
}

/** The pause of a caller that was told to come again. */
const AGAIN_MS = 100

/**
 * As many calls as are answered in that time, or that number of calls. A `patient` caller may be
 * told to come again. An `awake` one polls for answers: otherwise a slow server pays for waking its
 * callers, and a fast one does not.
 */
async function flood({
  host,
  port,
  connections,
  awake = false,
  patient = false,
  milliseconds = Number.POSITIVE_INFINITY,
  calls = Number.POSITIVE_INFINITY,
  ...what
}) {
  const request = requests(what)
  const pool = Array.from({ length: connections }, () => new Connection(port, undefined, host))
  const startedAt = clock()
  let begun = 0
  let answered = 0
  let goesOn = awake
  const stayAwake = () => goesOn && setImmediate(stayAwake)
  stayAwake()
  const caller = async (connection) => {
    while (begun < calls && clock() - startedAt < milliseconds) {
      const text = request(begun++)
      let refused = await connection.call(text)
      while (patient && refused?.startsWith('503')) {
        await sleep(AGAIN_MS)
        refused = await connection.call(text)
      }
      check(refused)
      answered++
    }
  }
  try {
    await Promise.all(pool.map(caller))
  } finally {
    goesOn = false
    for (const connection of pool) connection.close()
  }
  return { answered, milliseconds: clock() - startedAt }
}

function check(refused) {
  if (refused !== null) throw new Error(`a call was refused: ${refused}`)
}

/** Begins calls at a fixed rate, however long each takes. */
async function atRate({ rate, milliseconds }, begin) {
  const total = Math.round((rate * milliseconds) / 1_000)
  const startedAt = clock()
  const dueAt = (index) => startedAt + (index * 1_000) / rate
  for (let index = 0; index < total; ) {
    for (; index < total && clock() >= dueAt(index); index++) begin(index, dueAt(index))
    await sleep(1)
  }
}

/** Every call has to be answered 2xx. */
async function pace({ port, rate, milliseconds, ...what }) {
  const request = requests(what)
  const all = []
  const free = []
  const underWay = new Set()
  const call = async (index) => {
    const connection = free.pop() ?? new Connection(port)
    if (!all.includes(connection)) all.push(connection)
    check(await connection.call(request(index)))
    free.push(connection)
  }
  await atRate({ rate, milliseconds }, (index) => {
    const one = call(index).finally(() => underWay.delete(one))
    underWay.add(one)
  })
  await Promise.all(underWay)
  for (const connection of all) connection.close()
}

/** The status of a call whose connection was closed before the answer. */
const NO_ANSWER = 0
/** The status of a call that found no free connection: if it waited for one, the bench would have a queue of its own. */
const NOT_MADE = 1

/**
 * Calls of many callers that do not wait for one another: each takes a free connection or opens
 * one, up to `most`. @returns by the call's number, the status of the answer, and the milliseconds
 * from when the call was due
 */
async function storm({ port, rate, milliseconds, most, ...what }) {
  const request = requests(what)
  const total = Math.round((rate * milliseconds) / 1_000)
  const statuses = new Uint16Array(total)
  const took = new Float64Array(total)
  const all = new Set()
  const free = []
  let ended = 0
  let resolve
  const done = new Promise((each) => {
    resolve = each
  })
  await atRate({ rate, milliseconds }, (index, dueAt) => {
    let connection = free.pop()
    while (connection && !all.has(connection)) connection = free.pop()
    if (!connection && all.size < most) {
      connection = new Connection(port, (closed) => all.delete(closed))
      all.add(connection)
    }
    if (!connection) {
      statuses[index] = NOT_MADE
      ended++
      return
    }
    connection.begin(request(index), (head) => {
      statuses[index] = head === undefined ? NO_ANSWER : Number(head.slice(9, 12))
      took[index] = clock() - dueAt
      if (head !== undefined) free.push(connection)
      if (++ended === total) resolve()
    })
  })
  if (ended < total) await done
  for (const connection of all) connection.close()
  return { statuses, took }
}

answer({ flood, pace, storm })
