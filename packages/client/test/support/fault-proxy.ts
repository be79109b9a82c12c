/** A proxy before the service that does to calls what networks do. */
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { LoopbackServer } from '@tract/testing/listen'

export interface Seen {
  method: string
  path: string
  headers: Record<string, string | undefined>
  body: string
}

export type Fault =
  /** The connection breaks before the service hears of it. */
  | 'lost on the way'
  /** The service has done its work, and the answer does not arrive. */
  | 'answer lost'
  /** The connection stays, and nothing comes. */
  | 'silence'
  | { status: number; headers?: Record<string, string>; body?: string }

export class FaultProxy extends LoopbackServer {
  readonly seen: Seen[] = []
  /** Decides what befalls a call, with what came before it in mind; undefined lets it through. */
  fault: (call: Seen) => Fault | undefined = () => undefined

  private constructor(private readonly target: URL) {
    super()
  }

  static before(target: string): Promise<FaultProxy> {
    return new FaultProxy(new URL(target)).listen()
  }

  /** The calls of one path. */
  of(path: string): Seen[] {
    return this.seen.filter((call) => call.path === path)
  }

  /** Forgets what was, and does no harm any more. */
  reset(): void {
    this.seen.length = 0
    this.fault = () => undefined
  }

  protected handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#meddle(incoming, response).catch(() => void response.destroy())
  }

  async #meddle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = Buffer.concat(await incoming.toArray())
    const body = bytes.toString()
    const { method = '', url: path = '' } = incoming
    const call = { method, path, headers: incoming.headers as Seen['headers'], body }
    this.seen.push(call)
    const fault = this.fault(call)
    if (fault === 'silence') return
    if (fault === 'lost on the way') {
      incoming.socket.destroy()
    } else if (typeof fault === 'object') {
      response.writeHead(fault.status, fault.headers).end(fault.body)
    } else {
      const answer = await this.#pass(incoming, bytes)
      if (fault === 'answer lost') incoming.socket.destroy()
      else response.writeHead(answer.status, answer.headers).end(answer.body)
    }
  }

  #pass({ method, url, headers }: IncomingMessage, body: Buffer) {
    return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
      const { hostname, port, host } = this.target
      const outgoing = request({ hostname, port, method, path: url, headers: { ...headers, host } })
      outgoing.on('error', reject)
      outgoing.on('response', async (answer) => {
        const bytes = Buffer.concat(await answer.toArray())
        const { 'transfer-encoding': _, connection: __, ...rest } = answer.headers
        resolve({ status: answer.statusCode ?? 0, headers: rest, body: bytes })
      })
      outgoing.end(body)
    })
  }
}
