import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Receiver } from '../../../packages/testing/src/receiver.js'

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
    const admin = await tokenAt(url, operator)
    const { id } = await posted(url, admin, '/platform/organisations/', { name: 'Failover' })
    const join = async (listener_id: string, kind: string, scopes: readonly string[]) => {
      const listener = { organisation_id: id, listener_id }
      await posted(url, admin, '/platform/listeners/', { ...listener, kind })
      const { client, client_secret } = await posted(url, admin, '/platform/clients/', {
        ...listener,
        name: listener_id,
        scopes,
      })
      return tokenAt(url, { client_id: client.client_id, client_secret })
    }
    const writer = await join('md', 'md', ['platform:users', 'platform:messages'])
    const desk = await join('iva', 'iva', ['hooks'])
    const receiver = await Receiver.start()
    const hook = { category: 'message', subcategory: 'receive', url: `${receiver.url}/message.receive` }
    await posted(url, desk, '/tract/hooks/register/', hook)
    return new Load(urls, writer, receiver)
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
    const answer = await post(url, this.token, '/platform/message/send/', body, key).then(
      ({ status }) => String(status),
      (error: Error) => error.cause?.toString() ?? String(error),
    )
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1)
    if (answer !== '200') this.refused++
    if (answer === '200') this.slowest = Math.max(this.slowest, performance.now() - began)
    return answer === '200'
  }
}

async function post(url: string, token: string, path: string, body: object, key?: string) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      ...(key && { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
  })
  return { status: response.status, text: await response.text() }
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
async function posted(url: string, token: string, path: string, body: object): Promise<any> {
  const { status, text } = await post(url, token, path, body)
  if (status !== 200) throw new Error(`${path} answered ${status}: ${text}`)
  return JSON.parse(text)
}

async function tokenAt(url: string, credentials: Credentials): Promise<string> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...credentials })
  const response = await fetch(`${url}/tract/auth/token/`, { method: 'POST', body })
  if (response.status !== 200) throw new Error(`no token: ${await response.text()}`)
  return ((await response.json()) as { access_token: string }).access_token
}
