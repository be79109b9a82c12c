import { type buildConnector, Client } from 'undici'

/**
 * Connections to receivers, each for one request at a time, and kept for the next one.
 *
 * undici's own pool has a connection wait for two turns of the event loop after its answer. A listener may have so many attempts under way
 * and no more, so that in a busy process, whose turns are long, its deliveries would fall behind what comes in.
 */
export class Connections {
  readonly #connect: buildConnector.connector
  /** By origin, the one that was used last at the end: the others are the sooner too old to be kept. */
  readonly #free = new Map<string, Client[]>()

  constructor(connect: buildConnector.connector) {
    this.#connect = connect
  }

  /** A connection that is free, or one that will be opened with the first request. */
  take(origin: string): Client {
    return this.#free.get(origin)?.pop() ?? this.#open(origin)
  }

  /** Its request was answered. */
  giveBack(origin: string, client: Client): void {
    const free = this.#free.get(origin)
    if (free === undefined) this.#free.set(origin, [client])
    else free.push(client)
  }

  /** Its request failed, or was broken off: nothing that comes on this connection belongs to another one. */
  drop(origin: string, client: Client): void {
    if (this.#free.get(origin)?.length === 0) this.#free.delete(origin)
    void client.destroy()
  }

  /** Closes those that are free. */
  async close(): Promise<void> {
    const free = [...this.#free.values()].flat()
    this.#free.clear()
    await Promise.all(free.map((client) => client.destroy()))
  }

  #open(origin: string): Client {
    const client = new Client(origin, {
      connect: this.#connect,
      pipelining: 1,
      allowH2: false,
      // The whole attempt has one deadline, kept by the sender.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 300_000,
    })
    // The receiver has closed it, or nobody wanted it for too long.
    client.on('disconnect', () => {
      const free = this.#free.get(origin) ?? []
      const place = free.indexOf(client)
      if (place < 0) return
      free.splice(place, 1)
      this.drop(origin, client)
    })
    return client
  }
}
