/**
 * What changed, as the service says it: one connection for each scope, shared by the views that listen to it and closed with the last of them.
 * The browser takes a broken one up by itself, from the id of what it saw last. A page that is hidden has none: a browser opens six connections
 * to a host, for all its pages together. One that is looked at again has a gap.
 */
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
  onConnection: (connected: boolean) => void
}

const RETRY_MS = 5_000
const connections = new Map<string, Connection>()

/** @returns how to stop listening */
export function listen(scope: StreamScope, listener: StreamListener): () => void {
  const url = urlOf(scope)
  const connection = connections.get(url) ?? open(url)
  connection.listeners.add(listener)
  listener.onConnection(connection.connected)
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
  connected = false
  readonly #url: string
  #source: EventSource | undefined
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(url: string) {
    this.#url = url
  }

  open(): void {
    this.close()
    const source = new EventSource(this.#url)
    this.#source = source
    source.onopen = () => {
      this.#connectedIs(true)
      // What is shown was asked for before the stream began, or while it was broken.
      this.#tellGap()
    }
    source.onerror = () => {
      this.#connectedIs(false)
      // The browser gives up for good where the answer was a refusal, such as a limit that was reached.
      if (source.readyState === EventSource.CLOSED) this.#retry = setTimeout(() => this.open(), RETRY_MS)
    }
    for (const type of ['thread', 'delivery', 'hook']) {
      source.addEventListener(type, ({ data }: MessageEvent<string>) => {
        const change = { type, data: JSON.parse(data) as Change['data'] }
        for (const { onChange } of this.listeners) onChange(change)
      })
    }
    source.addEventListener('gap', () => this.#tellGap())
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#source?.close()
    this.#source = undefined
    this.#connectedIs(false)
  }

  #tellGap(): void {
    for (const { onGap } of this.listeners) onGap()
  }

  #connectedIs(connected: boolean): void {
    this.connected = connected
    for (const { onConnection } of this.listeners) onConnection(connected)
  }
}

function urlOf({ organisationId, userId }: StreamScope): string {
  const query = new URLSearchParams({ organisation_id: organisationId })
  if (userId !== undefined) query.set('user_id', userId)
  return `/platform/stream/?${query}`
}
