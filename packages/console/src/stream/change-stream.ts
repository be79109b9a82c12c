/**
 * What changed, as the service says it: one connection for each scope, shared by the views that listen to it and closed with the last of them.
 * A connection is a stream while it has one of the browser's few places for them (places.ts). Without a place, or refused, it tells of a gap, so
 * that what is shown is asked for again, and after a pause tries once more to become a stream. No window hears by another: each has what its own
 * session may see. The browser takes a broken stream up by itself, from the id of what it saw last. A page that is hidden has no stream and does not
 * ask. One that is looked at again has a gap.
 */
import { takePlace } from './places.js'

export interface StreamScope {
  organisationId: string
  userId?: string | undefined
}

/** One thing that changed. Contents are asked for by calls. */
export interface Change {
  type: string
  data: Readonly<Record<string, unknown>>
}

export interface StreamListener {
  onChange: (change: Change) => void
  /** A change may have been missed: what is shown has to be fetched again. */
  onGap: () => void
  onFollowing: (following: Following) => void
}

/** How what is shown keeps up with what happens. */
export type Following = 'by stream' | 'by asking' | 'not yet'

/** Between two tries without a place: not much longer than a stream of a whole organisation is behind. */
const ASK_MS = 2_000
/** After a refusal, such as a limit that was reached. */
const RETRY_MS = 5_000
const connections = new Map<string, Connection>()

/** @returns how to stop listening */
export function listen(scope: StreamScope, listener: StreamListener): () => void {
  const url = urlOf(scope)
  const connection = connections.get(url) ?? open(url)
  connection.listeners.add(listener)
  listener.onFollowing(connection.following)
  return () => {
    connection.listeners.delete(listener)
    if (connection.listeners.size > 0) return
    connection.close()
    connections.delete(url)
    if (connections.size === 0) document.removeEventListener('visibilitychange', followVisibility)
  }
}

function open(url: string): Connection {
  const connection = new Connection(url)
  if (connections.size === 0) document.addEventListener('visibilitychange', followVisibility)
  connections.set(url, connection)
  if (!document.hidden) connection.open()
  return connection
}

function followVisibility(): void {
  for (const connection of connections.values()) {
    if (document.hidden) connection.close()
    else connection.open()
  }
}

class Connection {
  readonly listeners = new Set<StreamListener>()
  following: Following = 'not yet'
  readonly #url: string
  /** Ends what the connection is now: a stream, or the wait for the next try. */
  #end = () => {}

  constructor(url: string) {
    this.#url = url
  }

  open(): void {
    this.close()
    this.#begin()
  }

  close(): void {
    this.#end()
    this.#end = () => {}
    this.#become('not yet')
  }

  #begin(): void {
    let isOver = false
    this.#end = () => {
      isOver = true
    }
    void takePlace().then((leave) => {
      if (isOver) leave?.()
      else if (leave) this.#stream(leave)
      else this.#ask('by asking', ASK_MS)
    })
  }

  #stream(leave: () => void): void {
    const source = new EventSource(this.#url)
    this.#end = () => {
      source.close()
      leave()
    }
    source.onopen = () => {
      this.#become('by stream')
      // What is shown was asked for before the stream began, or while it was broken.
      this.#tellGap()
    }
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return this.#become('not yet')
      // The browser gives up for good where the answer was a refusal.
      leave()
      this.#ask('not yet', RETRY_MS)
    }
    for (const type of ['thread', 'delivery', 'hook']) {
      source.addEventListener(type, ({ data }: MessageEvent<string>) => {
        const change = { type, data: JSON.parse(data) as Change['data'] }
        for (const { onChange } of this.listeners) onChange(change)
      })
    }
    source.addEventListener('gap', () => this.#tellGap())
  }

  #ask(following: Following, pauseMs: number): void {
    this.#become(following)
    this.#tellGap()
    const next = setTimeout(() => this.#begin(), pauseMs)
    this.#end = () => clearTimeout(next)
  }

  #tellGap(): void {
    for (const { onGap } of this.listeners) onGap()
  }

  #become(following: Following): void {
    this.following = following
    for (const { onFollowing } of this.listeners) onFollowing(following)
  }
}

function urlOf({ organisationId, userId }: StreamScope): string {
  const query = new URLSearchParams({ organisation_id: organisationId })
  if (userId !== undefined) query.set('user_id', userId)
  return `/platform/stream/?${query}`
}
