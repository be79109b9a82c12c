export interface FetchedAttempt {
  id: string
  category: string
  subcategory: string
  expires_at: string
  headers: Record<string, string>
  body: string
}

export type FetchedAnswer =
  | { status: number; body?: string; body_incomplete?: boolean; retry_after?: string }
  | { error: string }

/**
 * A listener that fetches what its hooks are sent. Each call goes to the next of the `urls`, and may be cut off at any moment: what was
 * received stays, and the next call goes on.
 */
import { type Caller, ok } from '@tract/testing/call'
export class HookFetcher {
  /** In the order in which they were received, each attempt once. */
  readonly received: FetchedAttempt[] = []
  answer: (attempt: FetchedAttempt) => FetchedAnswer | Promise<FetchedAnswer> = () => ({ status: 200 })
  stream: string | undefined
  readonly #caller: Caller
  readonly #urls: readonly string[]
  readonly #holding = new Set<string>()
  readonly #answering = new Set<Promise<unknown>>()
  #call = new AbortController()
  #calls = 0
  #running: Promise<void> | undefined
  #stopped = false

  constructor(caller: Caller, urls: readonly string[] = [caller.url]) {
    this.#caller = caller
    this.#urls = urls
  }

  get bodies() {
    return this.received.map(({ body }) => JSON.parse(body))
  }

  /** Registers hooks to be fetched. */
  async hear(...hooks: string[]): Promise<Record<string, string>> {
    const secrets: Record<string, string> = {}
    for (const hook of hooks) {
      const [category, subcategory] = hook.split('.')
      const body = { category, subcategory, url: 'tract:stream' }
      const registered = await ok(this.#caller.post('/tract/hooks/register/', body))
      if (registered.signing_secret) secrets[hook] = registered.signing_secret
    }
    return secrets
  }

  async start(): Promise<void> {
    await this.#next(0)
    this.#running = this.#run()
  }

  /** Cuts the call under way, at any point. */
  cut(): void {
    this.#call.abort()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.cut()
    await this.#running
    await Promise.all(this.#answering)
  }

  async #run(): Promise<void> {
    while (!this.#stopped) await this.#next(20).catch(() => {})
  }

  async #next(wait: number): Promise<void> {
    this.#call = new AbortController()
    const request = { ...(this.stream && { stream: this.stream }), holding: [...this.#holding], wait }
    const { stream, attempts } = await this.#post('/tract/hooks/stream/', request, this.#call.signal)
    this.stream = stream
    for (const attempt of attempts as FetchedAttempt[]) {
      if (this.#holding.has(attempt.id)) throw new Error('an attempt came that the fetcher holds')
      this.#holding.add(attempt.id)
      this.received.push(attempt)
      const answering = this.#answer(attempt).finally(() => this.#answering.delete(answering))
      this.#answering.add(answering)
    }
  }

  async #answer(attempt: FetchedAttempt): Promise<void> {
    const answers = [{ id: attempt.id, ...(await this.answer(attempt)) }]
    await this.#post('/tract/hooks/answer/', { answers }).catch(() => {})
    this.#holding.delete(attempt.id)
  }

  async #post(path: string, body: unknown, signal?: AbortSignal) {
    const url = this.#urls[this.#calls++ % this.#urls.length]
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#caller.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    return JSON.parse(text)
  }
}
