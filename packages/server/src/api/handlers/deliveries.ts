import {
  type Delivery,
  type DeliveryBulk,
  type DeliveryBulkRequest,
  type DeliveryReplayRequest,
  type DeliveryFilter as WireFilter,
  wireSubtype,
} from '@tract/contract'
import type { Caller } from '../../accept/accept-message.js'
import { Refusal } from '../../accept/refusal.js'
import type { Queryable } from '../../database/queryable.js'
import type { Sliced } from '../../database/slices.js'
import { wireForm } from '../../database/wire-form.js'
import { type BulkAction, type BulkDone, changeMany, findFailing } from '../../lanes/bulk-operations.js'
import { getDelivery, listDeliveries, readPosted, sliceWith } from '../../lanes/deliveries.js'
import {
  type DeliveryOperation,
  findOriginals,
  type ReplayRequest,
  replayDeliveries,
  retryDelivery,
  skipDelivery,
} from '../../lanes/delivery-operations.js'
import type { DeliveryFilter } from '../../lanes/delivery-places.js'
import { deliveryWait } from '../../views/delivery-wait.js'
import type { Call } from '../call.js'
import { toRequest } from '../delivery-request.js'
import { uuidCursor } from '../documents/pages.js'
import { moment } from '../input/moment.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

const PREVIEWED = 20

export function deliveryHandlers(services: Services) {
  const { pools } = services
  return {
    listDeliveries: async ({ body }, { caller }) => {
      const { limit = 50, after, ...filter } = body
      const page = await listDeliveries(pools, toFilter(caller, filter), {
        limit,
        after: after === undefined ? undefined : uuidCursor(after, '/after'),
      })
      return {
        deliveries: page.deliveries.map((row) => wireForm('Delivery', row)),
        ...(page.next !== null && { next: page.next }),
      }
    },

    getDelivery: async ({ body }, { caller }) => {
      const pool = await sliceWith(pools, { ...caller, id: body.id })
      const found = await getDelivery(pool, { ...caller, id: body.id })
      if (!found) throw notFound(body.id)
      const { delivery, bucket, attempts } = found
      const { listener, user_id: userId, sequence, state } = delivery
      const lane = { bucket, organisationId: caller.organisationId, listener, userId }
      const wait = state === 'pending' ? await deliveryWait(pool, lane, sequence, new Date()) : undefined
      const [posted] = await readPosted(pools, caller.organisationId, [{ id: delivery.id, bucket }])
      return {
        delivery: wireForm('Delivery', delivery),
        attempts: attempts.map((row) => wireForm('Attempt', row)),
        ...(wait && { waits_for: wait }),
        ...(posted && { request: await toRequest(services, caller.organisationId, posted, attempts.at(-1)) }),
      }
    },

    retryDelivery: ({ body }, call) =>
      onHead(services, call, body.id, (db, reference, now) => retryDelivery(db, reference, now)),

    skipDelivery: ({ body }, call) =>
      onHead(services, call, body.id, (db, reference, now) => skipDelivery(db, reference, now)),

    replayDeliveries: ({ body }, call) => {
      const { caller } = call
      return call.transactOverSlices(async ({ now, touched }, slices) => {
        const replayed = await replayDeliveries(slices, toReplay(caller, body), now)
        if (replayed.kind === 'not_found') throw notFound(replayed.missing.join(', '))
        for (const bucket of replayed.buckets) touched.add(bucket)
        const { ids, more, last } = replayed
        return { replayed: ids.length, ids, ...(more && { more: true, ...(last !== undefined && { next: last }) }) }
      })
    },

    retryDeliveries: ({ body }, call) => onMany(services, call, 'retry', body),

    skipDeliveries: ({ body }, call) => onMany(services, call, 'skip', body),

    previewReplay: ({ body }, { caller }) => previewReplay(services, caller, body),
  } satisfies Partial<Handlers<Call>>
}

/** Runs an operation on the head of a lane; then its endpoint is tried again, open breaker or not. */
async function onHead(
  { hookCalls }: Services,
  call: Call,
  id: string,
  operate: (db: Queryable, reference: Caller & { id: string }, now: Date) => Promise<DeliveryOperation>,
): Promise<Delivery> {
  const { caller } = call
  const delivery = await call.transactOverSlices(async (work, slices) => {
    const reference = { ...caller, id }
    const outcome = await operate(await sliceWith(slices, reference), reference, work.now)
    if (outcome.kind === 'not_found') throw notFound(id)
    if (outcome.kind === 'conflict') throw conflict(outcome.reason)
    work.touched.add(outcome.bucket)
    return wireForm('Delivery', outcome.delivery)
  })
  hookCalls.probeListener(caller.organisationId, caller.listener)
  return delivery
}

/** Looks, or does it to those that are meant; then their endpoints are tried again, as by `onHead`. */
async function onMany(
  { hookCalls }: Services,
  call: Call,
  action: BulkAction,
  { dry_run: isDry = false, limit = 100, after, ...given }: DeliveryBulkRequest,
): Promise<DeliveryBulk> {
  const { caller } = call
  const request = { filter: toFilter(caller, given), limit, after }
  const answer = async (slices: Sliced<Queryable>, found: Pick<BulkDone, 'heads' | 'more'>, changed: number) => {
    const first = await readPosted(slices, caller.organisationId, found.heads.slice(0, PREVIEWED))
    const last = found.heads.at(-1)
    return {
      matched: found.heads.length,
      changed,
      ...(found.more && last && { more: true, next: last.id }),
      deliveries: first.map((row) => wireForm('Delivery', row)),
    }
  }
  const done = await call.transactOverSlices(async ({ now, touched }, slices) => {
    if (isDry) return answer(slices, await findFailing(slices, request), 0)
    const result = await changeMany(slices, action, request, now)
    for (const bucket of result.buckets) touched.add(bucket)
    return answer(slices, result, result.changed)
  })
  if (done.changed > 0) hookCalls.probeListener(caller.organisationId, caller.listener)
  return done
}

async function previewReplay({ pools, accounts }: Services, caller: Caller, body: DeliveryReplayRequest) {
  const { organisationId } = caller
  const originals = await findOriginals(pools, toReplay(caller, body))
  if (originals.kind === 'not_found') throw notFound(originals.missing.join(', '))
  const { places, more } = originals
  const posted = await readPosted(pools, organisationId, places.slice(0, PREVIEWED))
  const hooks = await accounts.listHooks(caller)
  return {
    matched: places.length,
    ...(more && { more: true }),
    deliveries: posted.map((row) => {
      const hook = hooks.find((each) => each.category === row.category && each.subcategory === row.subcategory)
      return { delivery: wireForm('Delivery', row), ...(hook && { url: hook.url }), body: row.body }
    }),
  }
}

const notFound = (id: string) => new Refusal('delivery_not_found', `The listener has no delivery ${id}.`)

function conflict(reason: (DeliveryOperation & { kind: 'conflict' })['reason']): Refusal {
  switch (reason) {
    case 'ended':
      return new Refusal('delivery_not_pending', 'The delivery has ended; it can be replayed.')
    case 'not_head':
      return new Refusal('delivery_not_head', 'Another delivery of its lane is before it.')
    case 'in_flight':
      return new Refusal('delivery_not_head', 'The delivery is being sent at this moment; repeat the call.')
  }
}

function toReplay(caller: Caller, { ids, filter = {} }: DeliveryReplayRequest): ReplayRequest {
  if (ids) return { ...caller, ids }
  const { limit, after, ...given } = filter
  return { ...toFilter(caller, given), limit, after }
}

const toFilter = (caller: Caller, filter: WireFilter): DeliveryFilter => ({
  ...caller,
  category: filter.category,
  subcategory: filter.subcategory && wireSubtype(filter.category, filter.subcategory),
  userId: filter.user_id,
  state: filter.state,
  createdFrom: moment(filter.created_from),
  createdTo: moment(filter.created_to),
  error: filter.error,
  status: filter.http_status,
  attemptsFrom: filter.attempts_from,
})
