/** The receiver: from a request to an answer, for any web server. */

import { tell } from '../observation/tell.js'
import { BodyError, type BodyLimits } from './body.js'
import { countIn, type GapHeaders, gapHeaders, signatureHeaders } from './delivery-headers.js'
import { type DeliveryStore, memoryStore } from './delivery-store.js'
import { receiveRequest } from './fetch-adapter.js'
import type {
  FallbackHandler,
  HookCategory,
  HookDelivery,
  HookGap,
  HookHandler,
  HookHandlers,
  HookName,
  HookSubcategory,
} from './handlers.js'
import type { HookAnswer, HookRequest } from './hook-request.js'
import { type NodeRequest, type NodeResponse, receiveNode } from './node-adapter.js'
import { type ParsedPayload, parsePayload } from './payload.js'
import { nowInSeconds, SigningKeys, secretBytes, signedContent, signedGap } from './signature.js'

/** One, several (a hook has its own, and two are valid while it rotates), or a function that gives those of the moment. */
export type Secrets = string | readonly string[] | (() => readonly string[] | Promise<readonly string[]>)

export interface HookReceiverSettings {
  handlers?: HookHandlers
  /** Takes what has no handler; without it, that is acknowledged. */
  fallback?: FallbackHandler
  /**
   * Called before the delivery that tells of a gap is handled, once for each such delivery. What it throws answers 500, as with a handler, and
   * then it is called again.
   */
  onGap?: (gap: HookGap, delivery: HookDelivery) => void | Promise<void>
  /** Told of what a handler or the store threw; `console.error` if absent. */
  onError?: (error: unknown, delivery?: HookDelivery) => void | Promise<void>
  /** Where deliveries that were handled are remembered; in memory if absent, which a restart forgets. */
  store?: DeliveryStore
  /** How long an attempt may be handled before it is taken for dead and the next one may run. 60 s if absent. */
  leaseMs?: number
  /** How far `webhook-timestamp` may be from the time here. 5 minutes if absent. */
  toleranceSeconds?: number
  /** Longer bodies are answered 413. 1.25 MiB if absent: the longest that TRACT sends. */
  maxBodyBytes?: number
  /** Slower bodies are answered 408. 5 s if absent. */
  bodyTimeoutMs?: number
}

/** The `signing_secret`, under either name. It may come from where it could be missing, such as the environment: then no receiver is made. */
export type HookReceiverOptions = HookReceiverSettings &
  ({ secret: Secrets | undefined; secrets?: never } | { secrets: Secrets | undefined; secret?: never })

/** A 256 KiB call may hold numbers such as 1e20, which take up to 4.4 times as much room once they are written out. */
const LONGEST_BODY = 1_310_720

/** What is compared with: a setting that is missing, as NaN, would let everything through. */
const NUMBERS = ['leaseMs', 'toleranceSeconds', 'maxBodyBytes', 'bodyTimeoutMs'] as const

export class HookReceiver {
  readonly #options: HookReceiverSettings
  readonly #handlers = new Map<string, FallbackHandler>()
  readonly #keys = new SigningKeys()
  readonly #secrets: () => readonly string[] | Promise<readonly string[]>
  readonly #store: DeliveryStore
  readonly #limits: BodyLimits

  constructor({ secret, secrets = secret, ...options }: HookReceiverOptions) {
    if (typeof secrets === 'function') this.#secrets = secrets
    else {
      const known = [secrets ?? []].flat()
      if (known.length === 0) throw new TypeError('A hook receiver needs the signing secret of its hook: { secret }.')
      for (const each of known) secretBytes(each)
      this.#secrets = () => known
    }
    for (const name of NUMBERS) {
      const given = options[name] ?? 0
      if (!(given >= 0)) throw new RangeError(`${name} is a number from 0, and not ${given}`)
    }
    this.#options = options
    this.#store = options.store ?? memoryStore()
    this.#limits = { maxBytes: options.maxBodyBytes ?? LONGEST_BODY, timeoutMs: options.bodyTimeoutMs ?? 5_000 }
    for (const [name, handler] of Object.entries(options.handlers ?? {})) this.#add(name, handler as FallbackHandler)
  }

  /** Adds a handler; one for each hook. */
  on<Category extends HookCategory, Subcategory extends HookSubcategory<Category>>(
    category: Category,
    subcategory: Subcategory,
    handler: HookHandler<`${Category}.${Subcategory}` & HookName>,
  ): this {
    return this.#add(`${category}.${subcategory}`, handler as FallbackHandler)
  }

  #add(name: string, handler: FallbackHandler): this {
    if (this.#handlers.has(name)) throw new Error(`${name} has a handler already.`)
    this.#handlers.set(name, handler)
    return this
  }

  /** For servers that speak `Request` and `Response`: `export default { fetch: receiver.fetch }`. */
  readonly fetch = (request: Request): Promise<Response> => receiveRequest(this.receive, request)

  /** For Node's http and for Express: `createServer(receiver.node)`, `app.post('/hooks', receiver.node)`. */
  readonly node = (request: NodeRequest, response: NodeResponse): Promise<void> =>
    receiveNode(this.receive, request, response)

  /** What the adapters are made of, for a web server that has none. Never rejects. */
  readonly receive = async (request: HookRequest): Promise<HookAnswer> => {
    let delivery: HookDelivery | undefined
    try {
      if (request.method !== 'POST') return refusal(405, 'A hook is called with POST.', { allow: 'POST' })
      const tolerance = this.#options.toleranceSeconds ?? 300
      const signed = signatureHeaders(request.header, nowInSeconds(), tolerance)
      if ('problem' in signed) return refusal(401, signed.problem)
      const body = await request.readBody(this.#limits)
      const secrets = await this.#secrets()
      const content = signedContent(signed.id, signed.timestamp, body)
      if (!(await this.#keys.verify(secrets, signed.signature, content)))
        return refusal(401, 'The signature is wrong: is the signing secret the present one of this hook?')
      const told = gapHeaders(request.header)
      const isTrue = async ({ value, signature }: GapHeaders) =>
        this.#keys.verify(secrets, signature, signedGap(signed.id, signed.timestamp, value))
      if (told === null || (told && !(await isTrue(told)))) return refusal(401, 'tract-gap or its signature is wrong.')
      const parsed = parsePayload(body)
      if (!parsed) return refusal(400, 'The body is no JSON object.')
      delivery = deliveryOf(signed.id, Number(signed.timestamp), request.header, parsed, body)
      return await this.#once(delivery, parsed.payload, told)
    } catch (error) {
      if (error instanceof BodyError && error.status < 500) return refusal(error.status, error.message)
      this.#report(error, delivery)
      return refusal(500, error instanceof BodyError ? error.message : 'The receiver failed.')
    }
  }

  /** Handles a delivery once, however often and at how many places it arrives. */
  async #once(delivery: HookDelivery, payload: ParsedPayload['payload'], gap?: GapHeaders): Promise<HookAnswer> {
    const { id } = delivery
    const token = crypto.randomUUID()
    const leaseMs = this.#options.leaseMs ?? 60_000
    const claim = await this.#store.claim({ id, token, leaseMs })
    if (claim.state === 'done') return answer(200, claim.answer)
    if (claim.state === 'busy') return busy()
    const giveUp = () => this.#settle(delivery, () => this.#store.release(id, token))
    let result: Awaited<ReturnType<FallbackHandler>>
    try {
      if (gap && !(await this.#tellGap(gap, String(payload.user_id), delivery, token, leaseMs))) {
        await giveUp()
        return busy()
      }
      result = await (this.#handlers.get(delivery.name) ?? this.#options.fallback)?.(payload, delivery)
    } catch (error) {
      await giveUp()
      throw error
    }
    const { error, ect_user_id, offer, reason } = Object(result) as Record<string, unknown>
    if (error) {
      await giveUp()
      return refusal(200, String(error))
    }
    // Kept whole: if this answer is lost on its way, the next attempt has to bring the same one.
    const said = {
      ect_user_id: ect_user_id == null ? undefined : String(ect_user_id),
      ...(offer == null ? {} : { offer, reason }),
    }
    const body = JSON.stringify({ success: true, ...said })
    await this.#settle(delivery, () => this.#store.complete(id, token, body))
    return answer(200, body)
  }

  /** Claimed as a delivery is, so that a delivery that has to come again does not tell again. @returns false while another attempt tells it */
  async #tellGap(
    { from, to, previousId }: GapHeaders,
    user_id: string,
    delivery: HookDelivery,
    token: string,
    leaseMs: number,
  ): Promise<boolean> {
    const { onGap } = this.#options
    if (!onGap) return true
    const id = `${delivery.id}.gap`
    const { state } = await this.#store.claim({ id, token, leaseMs })
    if (state !== 'claimed') return state === 'done'
    try {
      await onGap({ user_id, from, to, previousId }, delivery)
    } catch (error) {
      await this.#settle(delivery, () => this.#store.release(id, token))
      throw error
    }
    await this.#settle(delivery, () => this.#store.complete(id, token, ''))
    return true
  }

  /** What the handler did stands, even if the store cannot be told: at the worst the delivery is handled twice. */
  async #settle(delivery: HookDelivery, settle: () => Promise<void>): Promise<void> {
    await settle().catch((error) => this.#report(error, delivery))
  }

  /** It is not waited for, and an error of its own changes no answer. */
  #report(error: unknown, delivery: HookDelivery | undefined): void {
    const { onError } = this.#options
    tell(() =>
      onError ? onError(error, delivery) : console.error(`TRACT hook ${delivery?.name ?? 'request'} failed:`, error),
    )
  }
}

function deliveryOf(
  id: string,
  timestamp: number,
  header: HookRequest['header'],
  { name, metadata }: ParsedPayload,
  body: Uint8Array,
): HookDelivery {
  const sequence = countIn(header('tract-sequence'))
  return {
    name,
    id,
    timestamp: new Date(timestamp * 1000),
    attempt: countIn(header('tract-attempt')) ?? 1,
    sequence,
    previousId: header('tract-previous-id'),
    replay: header('tract-replay') === 'true',
    test: sequence === undefined,
    traceparent: header('traceparent'),
    metadata,
    body,
  }
}

// 429 and not 503: it asks for patience without counting as a failure of the endpoint.
const busy = () => refusal(429, 'This delivery is being handled.', { 'retry-after': '1' })

function refusal(status: number, error: string, headers: Record<string, string> = {}): HookAnswer {
  return answer(status, JSON.stringify({ success: false, error }), headers)
}

function answer(status: number, body: string, headers: Record<string, string> = {}): HookAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body }
}
