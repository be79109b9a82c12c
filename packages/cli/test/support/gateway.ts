/** A proxy in front of the service, which answers by itself when it is told to. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface OwnAnswer {
  status: number
  body?: string
}

export class Gateway {
  /** What it answers itself, by path; undefined goes on to the service. */
  answer: (path: string) => OwnAnswer | 'silence' | undefined = () => undefined
  readonly #server: Server

  private constructor(private readonly service: string) {
    this.#server = createServer((incoming, outgoing) => this.#handle(incoming, outgoing))
  }

  static async before(service: string): Promise<Gateway> {
    const proxy = new Gateway(service)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** Ends what is waiting, as a proxy does whose configuration is changed. */
  cut(): void {
    this.#server.closeAllConnections()
  }

  #handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url = '/', headers } = incoming
    const own = this.answer(url)
    if (own === 'silence') return
    if (own) {
      incoming.resume()
      const type = own.body?.startsWith('{') ? 'application/json' : 'text/html'
      outgoing.writeHead(own.status, { 'content-type': type }).end(own.body ?? `<h1>${own.status}</h1>`)
      return
    }
    const onward = request(new URL(url, this.service), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  }
}
