/** Deliveries for the tests, and a receiver that notes what it handled. */
import { randomBytes } from 'node:crypto'
import {
  createHookReceiver,
  type HookDelivery,
  type HookReceiver,
  type HookReceiverOptions,
} from '../../src/webhooks/index.js'

export const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`

export const URL_OF_HOOK = 'http://receiver.test/hooks'

export interface Watched {
  receiver: HookReceiver
  handled: { payload: Record<string, unknown>; delivery: HookDelivery }[]
  errors: unknown[]
}

/** A receiver whose fallback handles everything that has no handler of its own. */
export function watched(options: HookReceiverOptions): Watched {
  const handled: Watched['handled'] = []
  const errors: unknown[] = []
  const receiver = createHookReceiver({
    fallback: (payload, delivery) => {
      handled.push({ payload, delivery })
    },
    onError: (error) => void errors.push(error),
    ...options,
  })
  return { receiver, handled, errors }
}

export interface Answered {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any
}

export async function post(receiver: HookReceiver, init: RequestInit): Promise<Answered> {
  const response = await receiver.fetch(new Request(URL_OF_HOOK, init))
  return { status: response.status, headers: response.headers, body: await response.json() }
}

/** A promise that another party resolves. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}
