/** The receiver on a vendor's machine: that of the SDK, behind a plain Node server. */
import type { RequestListener } from 'node:http'
import { createHookReceiver, type HookDelivery, type HookReceiverOptions } from '@tract/client/webhooks'
import { LoopbackServer } from '@tract/testing/listen'

export interface Heard {
  name: string
  // biome-ignore lint/suspicious/noExplicitAny: payloads of every shape
  payload: any
  delivery: HookDelivery
}

export class LocalServer extends LoopbackServer {
  private constructor(protected readonly handle: RequestListener) {
    super()
  }

  static start(listener: RequestListener, port?: number): Promise<LocalServer> {
    return new LocalServer(listener).listen(port)
  }

  override get url(): string {
    return `${super.url}/hooks`
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
