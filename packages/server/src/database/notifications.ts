import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
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
  /** For tests that cannot wait. */
  pulseMs?: number
}

export interface Listening {
  close(): Promise<void>
}

/**
 * LISTEN on a connection of its own, opened again each time it is lost. A pooler in front of the database carries no
 * notifications: without a direct way nothing is heard, so listeners have to poll as well.
 */
export async function listen(
  pool: pg.Pool,
  { channels, onMissed, onError, pulseMs = PULSE_MS }: ListenOptions,
): Promise<Listening> {
  const way = wayToListen(pool)
  if (way === null) return { close: async () => {} }
  const closing = new AbortController()
  let current: pg.Client | undefined
  let reconnecting: Promise<void> | undefined

  const connect = async () => {
    const client = await connectAlone(way, 'listen')
    let usable = false
    client.on('notification', ({ channel, payload }) => channels[channel]?.(payload ?? ''))
    client.on('error', onError)
    client.on('end', () => {
      if (usable && !closing.signal.aborted) reconnecting = reconnect()
    })
    try {
      for (const channel of Object.keys(channels)) await client.query(`listen ${pg.escapeIdentifier(channel)}`)
    } catch (error) {
      await client.end().catch(() => {})
      throw error
    }
    usable = true
    current = client
    const pulse = setInterval(() => {
      // no answer in time: the connection is gone, and ending it with a statement under way cuts it; or the host was left
      client.probe().catch(() => client.end().catch(() => {}))
    }, pulseMs).unref()
    client.once('end', () => clearInterval(pulse))
  }

  const reconnect = async () => {
    for (let pause = 50; !closing.signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await connect()
        if (!closing.signal.aborted) onMissed()
        return
      } catch (error) {
        if (closing.signal.aborted) return
        onError(error)
        await sleep(pause, undefined, { signal: closing.signal, ref: false }).catch(() => {})
      }
    }
  }

  await connect()
  return {
    async close() {
      closing.abort()
      await reconnecting
      await current?.end()
    },
  }
}

/** The pool's own way, with its limits in time, or the direct one; null: there is none. */
function wayToListen({ options }: pg.Pool): Way | null {
  const { direct }: Way = options
  if (direct === null) return null
  const { password, query_timeout, connectionTimeoutMillis } = options
  return { ...(direct ?? { ...options, password }), query_timeout, connectionTimeoutMillis }
}
