import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, login } from '../../../packages/testing/src/call.js'
import { Receiver } from '../../../packages/testing/src/receiver.js'
import { World } from '../../../packages/testing/src/world.js'

/** Between a try that was not answered 200 and the next one. */
const PAUSE_MS = 50
/** Longer than any call may take. */
const ANSWERED_WITHIN_MS = 30_000

interface Credentials {
  client_id: string
  client_secret: string
}

/** Users who write, each one message after another, to several services in turn, and a desk that hears them. */
export class Load {
  /** By user, the numbers that were answered 2xx. */
  readonly accepted = new Map<string, number[]>()
  /** By user, the numbers that came to the desk, the first time of each. */
  readonly heard = new Map<string, Set<number>>()
  /** When calls were answered 2xx, in the clock of `performance`. */
  readonly acceptedAt: number[] = []
  /** Milliseconds of the slowest call that was answered 2xx. */
  slowest = 0
  /** By status, or by what went wrong without one. */
  readonly answers = new Map<string, number>()
  /** Calls that were not answered 2xx. */
  refused = 0
  #isOver = false
  #ended: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly urls: readonly string[],
    private readonly token: string,
    private readonly receiver: Receiver,
  ) {
    receiver.answer = ({ body }) => {
      const numbers = this.heard.get(body.user_id) ?? new Set()
      this.heard.set(body.user_id, numbers.add(Number(body.message_body.text)))
      return {}
    }
  }

  /** Sets an organisation up through the API. */
  static async prepare(urls: readonly string[], operator: Credentials): Promise<Load> {
    const [url = ''] = urls
    const service = {
      admin: () => login(url, operator),
      login: (client: Credentials) => login(url, client),
      receiver: Receiver.start,
    }
    const world = await World.on(service, { md: 'md', iva: 'iva' })
    return new Load(urls, world.listeners.md.token, await world.receiver('iva', 'message.receive'))
  }

  begin(users: number): void {
    this.#ended = Promise.all(Array.from({ length: users }, (_, index) => this.#write(`user ${index}`, index)))
  }

  /** Resolves when every call has been answered 2xx. */
  async end(): Promise<void> {
    this.#isOver = true
    await this.#ended
  }

  async close(): Promise<void> {
    await this.receiver.close()
  }

  async #write(user: string, offset: number): Promise<void> {
    const numbers: number[] = []
    this.accepted.set(user, numbers)
    for (let number = 0; !this.#isOver; number++) {
      const key = randomUUID()
      for (let tries = offset + number; ; tries++) {
        if (await this.#send(this.urls[tries % this.urls.length] as string, user, number, key)) break
        await sleep(PAUSE_MS)
      }
      numbers.push(number)
      this.acceptedAt.push(performance.now())
    }
  }

  async #send(url: string, user_id: string, number: number, key: string): Promise<boolean> {
    const body = { user_id, message_body: `${number}`, sender: 'ceu', user: {} }
    const began = performance.now()
    const headers = { 'idempotency-key': key }
    const signal = AbortSignal.timeout(ANSWERED_WITHIN_MS)
    const answer = await call(`${url}/platform/message/send/`, { token: this.token, headers, body, signal }).then(
      ({ status }) => String(status),
      (error: Error) => error.cause?.toString() ?? String(error),
    )
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1)
    if (answer !== '200') this.refused++
    if (answer === '200') this.slowest = Math.max(this.slowest, performance.now() - began)
    return answer === '200'
  }
}
