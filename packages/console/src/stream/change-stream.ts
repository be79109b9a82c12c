/**
 * What changed, as the service says it: one connection for each scope, shared by the views that listen to it and closed with the last of them.
 * The browser takes a broken one up by itself, from the id of what it saw last.
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

interface Connection {
  source: EventSource
  listeners: Set<StreamListener>
  connected: boolean
  retry: ReturnType<typeof setTimeout> | undefined
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
    connection.source.close()
    clearTimeout(connection.retry)
    connections.delete(url)
  }
}

function open(url: string): Connection {
  const connection: Connection = { source: connect(), listeners: new Set(), connected: false, retry: undefined }
  connections.set(url, connection)
  return connection

  function connect(): EventSource {
    const source = new EventSource(url)
    source.onopen = () => {
      connectedIs(true)
      // What is shown was asked for before the stream began, or while it was broken.
      tellGap()
    }
    source.onerror = () => {
      connectedIs(false)
      // The browser gives up for good where the answer was a refusal, such as a limit that was reached.
      if (source.readyState === EventSource.CLOSED) connection.retry = setTimeout(reconnect, RETRY_MS)
    }
    for (const type of ['thread', 'delivery', 'hook']) {
      source.addEventListener(type, ({ data }: MessageEvent<string>) => {
        const change = { type, data: JSON.parse(data) as Change['data'] }
        for (const { onChange } of connection.listeners) onChange(change)
      })
    }
    source.addEventListener('gap', tellGap)
    return source
  }

  function reconnect(): void {
    connection.source = connect()
  }

  function tellGap(): void {
    for (const { onGap } of connection.listeners) onGap()
  }

  function connectedIs(connected: boolean): void {
    connection.connected = connected
    for (const { onConnection } of connection.listeners) onConnection(connected)
  }
}

function urlOf({ organisationId, userId }: StreamScope): string {
  const query = new URLSearchParams({ organisation_id: organisationId })
  if (userId !== undefined) query.set('user_id', userId)
  return `/platform/stream/?${query}`
}
