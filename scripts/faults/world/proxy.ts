import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** The way from one process to the database, on which things go wrong. */
export class DatabaseWay {
  /** Where the database is at present. */
  readonly #target: () => string
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #mode: 'open' | 'cut' | 'stalled' | 'deaf' = 'open'

  private constructor(target: () => string) {
    this.#target = target
    this.#server = createServer((near) => {
      if (this.#mode === 'cut') return void near.destroy()
      const pair = new Pair(near, connect(targetOf(this.#target())))
      this.#pairs.add(pair)
      pair.onClosed(() => this.#pairs.delete(pair))
      if (this.#mode !== 'open') pair.turn(this.#mode)
    })
  }

  static async open(target: () => string): Promise<DatabaseWay> {
    const way = new DatabaseWay(target)
    await once(way.#server.listen(0, '127.0.0.1'), 'listening')
    return way
  }

  /** The database's URL by this way. */
  get url(): string {
    const url = new URL(this.#target())
    url.search = ''
    url.hostname = '127.0.0.1'
    url.port = String((this.#server.address() as AddressInfo).port)
    return url.toString()
  }

  /** Connections are lost, and no new one comes about. */
  cut(): void {
    this.#mode = 'cut'
    this.#reset()
  }

  /** Nothing goes through, in either direction. */
  stall(): void {
    this.#turn('stalled')
  }

  /** What is said arrives; what is answered does not. */
  loseAnswers(): void {
    this.#turn('deaf')
  }

  /** The connections that there are end without a word to the process, as when a machine or a network is gone; new ones come about. */
  vanish(): void {
    for (const pair of this.#pairs) pair.vanish()
  }

  /** All is well again. Connections that lost an answer are reset: nobody can go on with them. */
  heal(): void {
    if (this.#mode === 'deaf') this.#reset()
    this.#turn('open')
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #turn(mode: 'open' | 'stalled' | 'deaf'): void {
    this.#mode = mode
    for (const pair of this.#pairs) pair.turn(mode)
  }

  #reset(): void {
    for (const pair of this.#pairs) pair.reset()
  }
}

/** One connection: the process is near, the database far. */
class Pair {
  readonly #near: Socket
  readonly #far: Socket
  #mode: 'open' | 'stalled' | 'deaf' = 'open'
  #isGone = false

  constructor(near: Socket, far: Socket) {
    this.#near = near
    this.#far = far
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', () => {})
    near.on('data', (data) => far.write(data)).on('close', () => far.destroy())
    far
      .on('data', (data) => {
        if (this.#mode !== 'deaf') near.write(data)
      })
      .on('close', () => {
        if (!this.#isGone) near.destroy()
      })
  }

  onClosed(closed: () => void): void {
    this.#near.on('close', closed)
  }

  vanish(): void {
    this.#isGone = true
    this.#far.destroy()
  }

  turn(mode: 'open' | 'stalled' | 'deaf'): void {
    this.#mode = mode
    for (const socket of [this.#near, this.#far]) {
      if (mode === 'stalled') socket.pause()
      else socket.resume()
    }
  }

  reset(): void {
    this.#near.resetAndDestroy()
    this.#far.destroy()
  }
}

function targetOf(text: string): { path: string } | { host: string; port: number } {
  const url = new URL(text)
  const port = Number(url.port || 5432)
  const folder = url.searchParams.get('host')
  return folder?.startsWith('/') ? { path: `${folder}/.s.PGSQL.${port}` } : { host: url.hostname, port }
}
