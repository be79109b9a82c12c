/**
 * An act on many deliveries, in steps: it says after each how far it is, and can be stopped between two. What is done stays done. Lanes go on side by
 * side, and each in its order.
 */
import type { Delivery } from '@tract/contract'
import { call } from '../../../api/call.js'
import { CallError } from '../../../api/call-error.js'
import { type BulkAct, lanesOf } from './bulk-acts.js'

export interface Progress {
  done: number
  /** Those that the service refused, such as one that is on its way at this moment. */
  refused: number
  /** Why the first of them was. */
  reason: string | undefined
}

export const NOTHING_DONE: Progress = { done: 0, refused: 0, reason: undefined }

/** In a call that replays: as many as a person waits for without a sign. */
const STEP = 100
/** Calls at a time, of those that are about one delivery. */
const AT_ONCE = 4

export async function performAll(
  { how }: Pick<BulkAct, 'how'>,
  deliveries: readonly Delivery[],
  actFor: string,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  let progress = NOTHING_DONE
  const tell = (change: Partial<Progress>) => {
    progress = { ...progress, ...change }
    onProgress(progress)
  }
  if (how === 'replay') {
    for (let at = 0; at < deliveries.length && !signal.aborted; at += STEP) {
      const ids = deliveries.slice(at, at + STEP).map(({ id }) => id)
      const { replayed } = await call('replayDeliveries', { body: { ids } }, { actFor })
      tell({ done: progress.done + replayed })
    }
    return
  }
  const operation = how === 'retry' ? 'retryDelivery' : 'skipDelivery'
  const lanes = lanesOf(deliveries)
  const work = async () => {
    for (let lane = lanes.shift(); lane; lane = lanes.shift()) {
      for (const [at, { id }] of lane.entries()) {
        if (signal.aborted) return
        const refusal = await call(operation, { body: { id } }, { actFor }).then(() => undefined, refusalOf)
        if (refusal === undefined) {
          tell({ done: progress.done + 1 })
          continue
        }
        // what comes after it in the lane is not its head
        tell({ refused: progress.refused + lane.length - at, reason: progress.reason ?? refusal })
        break
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
}

/** About this one delivery; anything else ends it all. */
function refusalOf(error: unknown): string {
  if (error instanceof CallError && (error.status === 404 || error.status === 409)) return error.message
  throw error
}
