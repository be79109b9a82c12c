/** A real HTTP server that records every delivery it gets and answers as told. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Caller, ok, until } from './service.js'

export interface Received {
  /** `category.subcategory`, from the path that the hook was registered with. */
  hook: string
  headers: IncomingHttpHeaders
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: payloads of every shape
  body: any
}

export interface ReceiverAnswer {
  status?: number
  headers?: Record<string, string>
  body?: unknown
}

export class Receiver {
  readonly received: Received[] = []
  /** By `category.subcategory`, as `whsec_…`. */
  readonly secrets: Record<string, string> = {}
  /** What to answer; 200 `{success: true}` unless it says otherwise. */
  answer: (delivery: Received) => ReceiverAnswer | Promise<ReceiverAnswer> = () => ({})
  readonly #server: Server

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString('utf8')
      const delivery = { hook: (request.url ?? '').slice(1), headers: request.headers, text, body: JSON.parse(text) }
      this.received.push(delivery)
      const { status = 200, headers = {}, body = { success: true } } = await this.answer(delivery)
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    })
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
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

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
