import { setTimeout as sleep } from 'node:timers/promises'

const TRY_TIMEOUT_MS = 8_000
const PAUSE_MS = [20, 100, 300, 700] as const

export interface Credentials {
  client_id: string
  client_secret: string
}

export interface Answered {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
  body: any
  /** How many tries got no answer before. */
  failures: number
}

/** Where services take calls at present. */
export type Urls = () => string[]

const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer())

/** A client that repeats a call with its key on 5xx and lost connections, as documented. */
export class Caller {
  #token: Promise<string> | undefined
  #turn = 0

  /** @param onFailure is told why a try was not answered */
  constructor(
    private readonly urls: Urls,
    private readonly credentials: Credentials,
    private readonly onFailure: (why: string) => void = () => {},
  ) {}

  /** Repeats the call until it is answered; null where `tries` tries were not answered. */
  post(path: string, body: object, key: string, tries?: number): Promise<Answered | null> {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    return this.#repeat(() => this.#try(path, { method: 'POST', headers, body: text }), tries)
  }

  async upload(path: string, file: Buffer, key: string): Promise<Answered> {
    const form = () => {
      const body = new FormData()
      body.append('file', new Blob([new Uint8Array(file)]), `${key}.bin`)
      return { method: 'POST', headers: { 'idempotency-key': key }, body }
    }
    return (await this.#repeat(() => this.#try(path, form()))) as Answered
  }

  /** The bytes where it is there. */
  async download(path: string): Promise<Answered> {
    return (await this.#repeat(() => this.#try(path, { method: 'GET' }, bytesOf))) as Answered
  }

  async #repeat(
    attempt: () => Promise<Pick<Answered, 'status' | 'body'> | null>,
    tries = Number.POSITIVE_INFINITY,
  ): Promise<Answered | null> {
    for (let failures = 0; ; ) {
      const answered = await attempt()
      if (answered !== null) return { ...answered, failures }
      if (++failures >= tries) return null
      await sleep(PAUSE_MS[Math.min(failures, PAUSE_MS.length) - 1])
    }
  }

  /** Null: not answered, or with a status that asks for repetition. */
  async #try(
    path: string,
    { headers, ...request }: RequestInit,
    read: (response: Response) => Promise<unknown> = (response) => response.json(),
  ): Promise<Pick<Answered, 'status' | 'body'> | null> {
    try {
      const authorization = `Bearer ${await this.#authorization()}`
      const response = await fetch(`${this.#url()}${path}`, {
        ...request,
        headers: { authorization, ...headers },
        signal: AbortSignal.timeout(TRY_TIMEOUT_MS),
      })
      const { status } = response
      const answer = await (status === 200 ? read(response) : response.json())
      if (status === 401) this.#token = undefined
      if (status < 500 && status !== 401 && status !== 429) return { status, body: answer }
      this.onFailure(`${status} ${(answer as { code?: string }).code}`)
    } catch (error) {
      const { name, message, cause } = error as Error & { cause?: { code?: string } }
      this.onFailure(cause?.code ?? (name === 'TimeoutError' ? 'no answer in time' : message))
    }
    return null
  }

  /** Processes take turns. */
  #url(): string {
    const urls = this.urls()
    const url = urls[this.#turn++ % urls.length]
    if (url === undefined) throw new Error('no process takes calls')
    return url
  }

  #authorization(): Promise<string> {
    this.#token ??= this.#login()
    this.#token.catch(() => {
      this.#token = undefined
    })
    return this.#token
  }

  async #login(): Promise<string> {
    const response = await fetch(`${this.#url()}/tract/auth/token/`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', ...this.credentials }),
      signal: AbortSignal.timeout(TRY_TIMEOUT_MS),
    })
    const { access_token } = (await response.json()) as { access_token?: string }
    if (access_token === undefined) throw new Error(`no token: ${response.status}`)
    return access_token
  }
}
