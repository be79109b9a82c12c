/** The receiver on a vendor's machine: that of the SDK, behind a plain Node server. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHookReceiver, type HookDelivery, type HookReceiverOptions } from '@tract/client/webhooks'

export interface Heard {
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: payloads of every shape
  payload: any
  delivery: HookDelivery
}

export class LocalServer {
  private constructor(private readonly server: Server) {}

  static async start(listener: RequestListener, port = 0): Promise<LocalServer> {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    return new LocalServer(server)
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hooks`
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}

/** Everything that it handled, in order; each delivery once. */
export function receiving(
  secret: string,
  handle: (heard: Heard) => unknown = () => {},
  options: Partial<HookReceiverOptions> = {},
): { heard: Heard[]; listener: RequestListener } {
  const heard: Heard[] = []
  const receiver = createHookReceiver({
    ...options,
    secret,
    fallback: async (payload, delivery) => {
      const one = { name: delivery.name, payload, delivery }
      const result = await handle(one)
      heard.push(one)
      return result as never
    },
  } as HookReceiverOptions)
  return { heard, listener: (request, response) => void receiver.node(request, response) }
}
