/** A proxy in front of the service, which answers by itself when it is told to. */
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { LoopbackServer } from '@tract/testing/listen'

export interface OwnAnswer {
  status: number
  body?: string
}

export class Gateway extends LoopbackServer {
  /** What it answers itself, by path; undefined goes on to the service. */
  answer: (path: string) => OwnAnswer | 'silence' | undefined = () => undefined

  private constructor(private readonly service: string) {
    super()
  }

  static before(service: string): Promise<Gateway> {
    return new Gateway(service).listen()
  }

  protected handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
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
