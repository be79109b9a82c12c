/** Deliveries that are acknowledged once they are on the disk, and handled from there, in order for each user: also while the desk is down. */
import type { HookPayloads } from '../generated/hooks.js'
import type { FallbackHandler, HookDelivery, HookHandlers, HookName } from '../webhooks/handlers.js'
import { parsePayload } from '../webhooks/payload.js'
import { Queue, type QueueCall, type QueueFailures } from './file-queue.js'

/** What is kept is of no use for those that pass: `message.typing` is handled by the receiver itself. */
type KeptHook = Exclude<HookName, 'message.typing'>

/** As a receiver's, without an answer: that was given when the delivery was stored. `call` is for the calls to TRACT; its key is `delivery.id`. */
export type InboxHandlers = {
  [Name in KeptHook]?: (
    payload: HookPayloads[Name],
    delivery: HookDelivery<Name>,
    call: QueueCall,
  ) => void | Promise<void>
}

/** A delivery with what it says, as its handler had it. */
export type InboxDelivery = {
  [Name in KeptHook]: HookDelivery<Name> & { payload: HookPayloads[Name] }
}[KeptHook]

export interface FileInboxOptions extends QueueFailures<InboxDelivery> {
  /** By `category.subcategory`. One that throws is called again, with pauses, and the user's next deliveries wait. */
  handlers: InboxHandlers
}

/** An inbox in a file. */
export interface FileInbox {
  /** For `ensureHooks({ hooks })` and `createHookReceiver({ handlers })`: they store a delivery, and acknowledge it. */
  readonly handlers: HookHandlers
  /** How many deliveries wait, with those at work. */
  readonly size: number
  /** Aborts the calls, waits for the handlers that run, and lets another process have the file. */
  close(): Promise<void>
}

/** The body as text; it is a delivery's longest part, and what it says is read from it again. */
type Kept = Omit<HookDelivery, 'timestamp' | 'body'> & { timestamp: string; body: string }

/**
 * Opens the inbox in the file at `path`, as `fileQueue` does, and goes on with what waits there. A delivery that comes again is acknowledged, and
 * handled once; a handler that did not come to its end before a crash runs again, with the same `delivery.id`. What a user's deliveries said leaves
 * the file once `user_events.erase_user` is handled.
 */
export async function fileInbox(path: string, { handlers, ...failures }: FileInboxOptions): Promise<FileInbox> {
  const { onRefused, onFailure, ...settings } = failures
  const queue = await Queue.open<Kept>(path, {
    ...settings,
    onRefused: onRefused && ((error, kept, call) => onRefused(error, deliveryOf(kept), call)),
    ...(onFailure && { onFailure: (error, kept, pauseMs) => onFailure(error, deliveryOf(kept), pauseMs) }),
    named: ({ name }) => `the handler of ${name}`,
    isLast: ({ name }) => name === 'user_events.erase_user',
    async work(kept, call) {
      const { payload, ...delivery } = deliveryOf(kept)
      const handler = (handlers as Record<string, Handler | undefined>)[delivery.name]
      await handler?.(payload, delivery, call)
    },
  })
  const store: FallbackHandler = ({ user_id }, { body, timestamp, ...rest }) => {
    const item = { ...rest, timestamp: timestamp.toISOString(), body: new TextDecoder().decode(body) }
    return queue.add({ lane: String(user_id), key: rest.id, item })
  }
  return {
    handlers: Object.fromEntries(Object.keys(handlers).map((name) => [name, store])),
    get size() {
      return queue.size
    },
    close: () => queue.close(),
  }
}

type Handler = (payload: object, delivery: HookDelivery, call: QueueCall) => unknown

function deliveryOf({ timestamp, body: text, ...rest }: Kept): InboxDelivery {
  const body = new TextEncoder().encode(text)
  const payload = parsePayload(body)?.payload ?? {}
  return { ...rest, timestamp: new Date(timestamp), body, payload } as InboxDelivery
}
