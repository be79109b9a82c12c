/** A listener's endpoint on loopback: it keeps every request, and acknowledges each unless it is told to answer otherwise. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { type Caller, ok } from './call.js'
import { LoopbackServer } from './listen.js'
import { until } from './until.js'

export class Received {
  /** Milliseconds since 1970. */
  readonly at = Date.now()
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  /** That of the answer, once there is one. */
  status: number | undefined

  constructor(
    { url = '/', headers, rawHeaders }: IncomingMessage,
    /** The body as it came. */
    readonly text: string,
  ) {
    this.path = url
    this.headers = headers
    this.rawHeaders = rawHeaders
  }

  // biome-ignore lint/suspicious/noExplicitAny: payloads of every shape
  get body(): any {
    return JSON.parse(this.text)
  }

  /** `category.subcategory`, where the hook was registered with `hear`. */
  get hook(): string {
    return this.path.slice(1)
  }

  get id(): string {
    return String(this.headers['webhook-id'])
  }

  get sequence(): number {
    return Number(this.headers['tract-sequence'])
  }

  get attempt(): number {
    return Number(this.headers['tract-attempt'])
  }
}

export interface ReceiverAnswer {
  status?: number
  headers?: Record<string, string>
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown
}

/** What a receiver does with a request: an answer, or undefined where it deals with the connection itself. */
export type Behaviour = (
  request: Received,
  response: ServerResponse,
) => ReceiverAnswer | undefined | Promise<ReceiverAnswer | undefined>

export class Receiver extends LoopbackServer {
  readonly received: Received[] = []
  /** By `category.subcategory`, as `whsec_…`. */
  readonly secrets: Record<string, string> = {}
  answer: Behaviour = () => ({})
  /** How many requests are being answered. */
  underWay = 0
  mostUnderWay = 0

  static start(): Promise<Receiver> {
    return new Receiver().listen()
  }

  /** Registers hooks, by `category.subcategory`, that come here. */
  async hear(listener: Caller, ...hooks: string[]): Promise<void> {
    for (const hook of hooks) {
      const [category, subcategory] = hook.split('.')
      const url = `${this.url}/${hook}`
      const registered = await ok(listener.post('/tract/hooks/register/', { category, subcategory, url }))
      if (registered.signing_secret) this.secrets[hook] = registered.signing_secret
    }
  }

  messages(): Received['body'][] {
    return this.received.filter(({ hook }) => hook === 'message.receive').map(({ body }) => body)
  }

  /** Waits for the first delivery that fits. */
  waitFor(fits: (delivery: Received) => boolean, what = 'the delivery'): Promise<Received> {
    return until(() => this.received.find(fits), what)
  }

  protected async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const received = new Received(request, Buffer.concat(chunks).toString('utf8'))
    this.received.push(received)
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay)
    const answer = await this.answer(received, response)
    this.underWay--
    if (answer === undefined) return
    const { status = 200, headers = {}, body = { success: true } } = answer
    received.status = status
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
}
