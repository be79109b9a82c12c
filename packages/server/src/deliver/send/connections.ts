import { type buildConnector, Client, type Dispatcher } from 'undici'
import { AnswerBound, LONGEST_HEAD } from './answer-bound.js'

/** A connection to a receiver, whose answers are held to their bound. */
export class Connection extends Client {
  readonly bound: AnswerBound

  constructor(origin: string, connect: buildConnector.connector) {
    const bound = new AnswerBound()
    super(origin, {
      connect: (options, done) =>
        connect(options, (...result) => {
          const [, socket] = result
          if (socket !== null) bound.watch(socket)
          done(...result)
        }),
      maxHeaderSize: LONGEST_HEAD,
      pipelining: 1,
      allowH2: false,
      // The whole attempt has one deadline, kept by the sender.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
      keepAliveMaxTimeout: 300_000,
    })
    this.bound = bound
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.bound.begin()
    return super.dispatch(options, handler)
  }
}

/**
 * Connections to receivers, each for one request at a time, and kept for the next one.
 *
 * undici's own pool lets a connection wait for two turns of the event loop after its answer. With a limit of attempts for
 * each listener, its deliveries would fall behind in a busy process, whose turns are long.
 */
export class Connections {
  readonly #connect: buildConnector.connector
  /** By origin; the one used last is at the end, so that the others grow too old and close. */
  readonly #free = new Map<string, Connection[]>()

  constructor(connect: buildConnector.connector) {
    this.#connect = connect
  }

  /** A connection that is free, or one that will be opened with the first request. */
  acquire(origin: string): Connection {
    return this.#free.get(origin)?.pop() ?? this.#open(origin)
  }

  /** Its request was answered. */
  release(origin: string, connection: Connection): void {
    const free = this.#free.get(origin)
    if (free === undefined) this.#free.set(origin, [connection])
    else free.push(connection)
  }

  /** Its request failed, or was broken off: nothing that comes on this connection belongs to another one. */
  drop(origin: string, connection: Connection): void {
    if (this.#free.get(origin)?.length === 0) this.#free.delete(origin)
    void connection.destroy()
  }

  /** Closes those that are free. */
  async close(): Promise<void> {
    const free = [...this.#free.values()].flat()
    this.#free.clear()
    await Promise.all(free.map((connection) => connection.destroy()))
  }

  #open(origin: string): Connection {
    const connection = new Connection(origin, this.#connect)
    // The receiver has closed it, or it was free for too long.
    connection.on('disconnect', () => {
      const free = this.#free.get(origin) ?? []
      const place = free.indexOf(connection)
      if (place < 0) return
      free.splice(place, 1)
      this.drop(origin, connection)
    })
    return connection
  }
}
