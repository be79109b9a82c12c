/** What a vendor writes: a handler for each hook, and what it may answer. */
import type { HookPayloads } from '../generated/hooks.js'

/** `category.subcategory`, such as `message.receive`. */
export type HookName = keyof HookPayloads

type CategoryOf<Name> = Name extends `${infer Category}.${string}` ? Category : never
type SubcategoryOf<Name, Category extends string> = Name extends `${Category}.${infer Subcategory}`
  ? Subcategory
  : never

export type HookCategory = CategoryOf<HookName>
export type HookSubcategory<Category extends HookCategory> = SubcategoryOf<HookName, Category>

/** What TRACT says of a delivery beside its payload. */
export interface HookDelivery<Name extends string = string> {
  /** `category.subcategory` */
  name: Name
  /** The same at every attempt at this delivery. */
  id: string
  /** When this attempt was made. */
  timestamp: Date
  /** Counts the attempts: 1, 2, 3 … */
  attempt: number
  /** The delivery's number among those of the user, which all hooks of the listener share: 1, 2, 3 … Absent at a test of the hook. */
  sequence: number | undefined
  /** The delivery before it; absent for a user's first. */
  previousId: string | undefined
  /** Whether it repeats an older delivery on request; it has an id of its own. */
  replay: boolean
  /** Is it a test of the hook (`hooks.test`), with a made-up user? */
  test: boolean
  /** W3C trace context of the call that it came from. */
  traceparent: string | undefined
  /** An event's `metadata` as it came. The payload has it parsed, where it is a JSON object. */
  metadata: string | undefined
  /** The body as it was signed. */
  body: Uint8Array
}

/** Refuses the payload: TRACT tries 5 times in all, then ends the delivery as undeliverable and goes on with the next. */
export interface HookRefusal {
  error: string
}

/** What *Create user* may answer with: the user's id at the vendor's, which then comes with every later delivery. */
export interface UserCreated {
  ect_user_id: string
}

/** What *Receive event thread_control/offered* may be answered with; without it, send `thread_control/accepted` or `declined` later. */
export interface OfferAnswered {
  offer: 'accepted' | 'declined'
  /** Why it is declined. */
  reason?: string
}

interface Answers {
  'user_events.create_user': UserCreated
  'thread_control.offered': OfferAnswered
}

/** Returning nothing acknowledges. Any other error that is thrown answers 500, so that TRACT tries again for up to 24 hours. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is the usual one
export type HookResult<Name> = void | HookRefusal | (Name extends keyof Answers ? Answers[Name] : never)

/** Has 5 seconds, then TRACT tries again: what takes longer belongs into a queue of the vendor's. */
export type HookHandler<Name extends HookName> = (
  payload: HookPayloads[Name],
  delivery: HookDelivery<Name>,
) => HookResult<Name> | Promise<HookResult<Name>>

export type HookHandlers = { [Name in HookName]?: HookHandler<Name> }

/** Takes what has no handler: hooks of a later contract, and those without a handler of their own. */
export type FallbackHandler = (
  payload: Record<string, unknown>,
  delivery: HookDelivery,
) => HookResult<string> | Promise<HookResult<string>>

/** Deliveries of a user that ended unacknowledged: given up, skipped, or for a hook that is gone. Those of every hook of the listener. */
export interface HookGap {
  user_id: string
  /** The numbers of the first and the last: all from one to the other ended so. */
  from: number
  to: number
  /** The id of the last one, for `deliveries.get` or `deliveries.replay`. */
  previousId: string
}
