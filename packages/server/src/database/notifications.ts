/**
 * LISTEN, on one connection for all that hear by one pool. It is opened with the first of them, opened again each time it is
 * lost, and closed with the last. A pooler in front of the database carries no notifications: without a direct way
 * nothing is heard, so listeners have to poll as well.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { ServiceClient } from './connections.js'
import { connectAlone } from './database.js'
import type { Way } from './ways.js'

const LONGEST_PAUSE_MS = 5_000
/** A silent connection looks like one that is gone, so it is asked at this pace. */
const PULSE_MS = 15_000

export interface ListenOptions {
  /** What to do with a notification, by channel. */
  channels: Record<string, (payload: string) => void>
  /** The connection was lost and is back: notifications in between were missed. */
  onMissed: () => void
  onError: (error: unknown) => void
  /** For tests that cannot wait. That of the first to listen counts. */
  pulseMs?: number
}

export interface Listening {
  close(): Promise<void>
}

const ears = new WeakMap<pg.Pool, Ear>()

/** @throws if there is no connection; later ones are made again for as long as it takes */
export async function listen(pool: pg.Pool, options: ListenOptions): Promise<Listening> {
  const way = wayToListen(pool)
  if (way === null) return { close: async () => {} }
  let ear = ears.get(pool)
  if (ear === undefined) {
    ear = new Ear(way, options.pulseMs ?? PULSE_MS, () => ears.delete(pool))
    ears.set(pool, ear)
  }
  return ear.add(options)
}

/** The connection, and who hears by it. */
class Ear {
  readonly #hearers = new Set<ListenOptions>()
  readonly #closing = new AbortController()
  #client: Promise<ServiceClient> | undefined
  #reconnecting: Promise<void> | undefined

  constructor(
    private readonly way: Way,
    private readonly pulseMs: number,
    private readonly onClosed: () => void,
  ) {}

  async add(hearer: ListenOptions): Promise<Listening> {
    this.#hearers.add(hearer)
    const close = () => this.#remove(hearer)
    try {
      if (this.#reconnecting) return { close }
      if (this.#client) await hear(await this.#client, Object.keys(hearer.channels))
      else await this.#connect()
      return { close }
    } catch (error) {
      // its connection is being made again, with what this one hears
      if (this.#reconnecting) return { close }
      await close()
      throw error
    }
  }

  async #remove(hearer: ListenOptions): Promise<void> {
    this.#hearers.delete(hearer)
    if (this.#hearers.size > 0 || this.#closing.signal.aborted) return
    this.#closing.abort()
    this.onClosed()
    await this.#reconnecting
    await (await this.#client?.catch(() => undefined))?.end()
  }

  async #connect(): Promise<void> {
    this.#client = this.#open()
    await this.#client
  }

  async #open(): Promise<ServiceClient> {
    const client = await connectAlone(this.way, 'listen')
    let usable = false
    client.on('notification', ({ channel, payload }) => {
      for (const { channels } of this.#hearers) channels[channel]?.(payload ?? '')
    })
    client.on('error', (error) => this.#tell(error))
    client.on('end', () => {
      if (usable && !this.#closing.signal.aborted) this.#reconnecting = this.#reconnect()
    })
    try {
      await hear(
        client,
        [...this.#hearers].flatMap(({ channels }) => Object.keys(channels)),
      )
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
    usable = true
    const pulse = setInterval(() => {
      // no answer in time: the connection is gone, and ending it with a statement under way cuts it; or the host was left
      client.probe().catch(() => client.end().catch(() => {}))
    }, this.pulseMs).unref()
    client.once('end', () => clearInterval(pulse))
    return client
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#closing
    for (let pause = 50; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await this.#connect()
        this.#reconnecting = undefined
        if (!signal.aborted) for (const { onMissed } of this.#hearers) onMissed()
        return
      } catch (error) {
        if (signal.aborted) return
        this.#tell(error)
        await sleep(pause, undefined, { signal, ref: false }).catch(() => {})
      }
    }
  }

  #tell(error: unknown): void {
    const [first] = this.#hearers
    first?.onError(error)
  }
}

async function hear(client: pg.Client, channels: readonly string[]): Promise<void> {
  for (const channel of new Set(channels)) await client.query(`listen ${pg.escapeIdentifier(channel)}`)
}

/** The pool's own way, with its limits in time, or the direct one; null: there is none. */
function wayToListen({ options }: pg.Pool): Way | null {
  const { direct }: Way = options
  if (direct === null) return null
  const { password, query_timeout, connectionTimeoutMillis } = options
  return { ...(direct ?? { ...options, password }), query_timeout, connectionTimeoutMillis }
}
