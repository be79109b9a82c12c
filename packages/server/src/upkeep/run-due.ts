import { Refusal } from '../accept/refusal.js'
import { finish, openSession } from '../accept/sessions.js'
import type { ThreadSession } from '../accept/thread-session.js'
import { dueThreads, threadsOfListener } from '../accept/threads.js'
import type { Transactions } from '../accept/work.js'
import type { Organisations } from '../accounts/organisations.js'
import { faultPoint } from '../database/fault-points.js'
import type { AnsweredOffer } from '../deliver/reports.js'
import { storableText } from '../deliver/storable-result.js'
import type { UserKey } from '../lanes/user-key.js'
import { LONGEST_REASON } from '../threads/offers/offer-events.js'
import { beginningOf } from '../threads/sent-metadata.js'
import type { Decision } from '../threads/types.js'

const PAGE = 100
/** Transactions at a time: a desk may have thousands of threads, and callers need connections too. */
const AT_ONCE = 4

/** One command on one thread, in a transaction of its own. A user that was erased in between needs none. */
async function onThread(
  transactions: Transactions,
  organisations: Organisations,
  key: UserKey,
  command: (session: ThreadSession) => Promise<Decision | null>,
): Promise<void> {
  await transactions
    .run(async (work) => {
      const session = await openSession(work, organisations, key)
      const decision = await command(session)
      if (decision?.ok) await finish(work, session)
      faultPoint('timer.before-commit')
    })
    .catch((error: unknown) => {
      if (!(error instanceof Refusal && error.code === 'user_not_found')) throw error
    })
}

/**
 * Runs the timers that are due: pending requests, offers, allocation, owners that cannot be reached, idle conversations. One
 * that another process has run finds nothing to do, and one that fails holds up no other.
 * @returns whether there may be more
 */
export async function runDue(
  transactions: Transactions,
  organisations: Organisations,
  onError: (error: unknown) => void,
): Promise<boolean> {
  const due = await dueThreads(transactions.pool, new Date(), PAGE)
  const left = [...due]
  let failed = false
  const worker = async () => {
    for (let key = left.pop(); key !== undefined; key = left.pop()) {
      try {
        await onThread(transactions, organisations, key, (session) => session.tick())
      } catch (error) {
        failed = true
        onError(error)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  // a failed one is still due, and waits for the next call
  return due.length === PAGE && !failed
}

/** Returns control of every thread that a listener, now disabled, still holds, and ends the offers to it. */
export async function returnThreadsOf(
  transactions: Transactions,
  organisations: Organisations,
  organisationId: string,
  listener: string,
): Promise<void> {
  let after = { bucket: -1, userId: '' }
  for (;;) {
    const page = await threadsOfListener(transactions.pool, organisationId, listener, after, PAGE)
    for (const key of page)
      await onThread(transactions, organisations, key, (session) => session.command({ kind: 'disabled', listener }))
    const last = page.at(-1)
    if (!last || page.length < PAGE) return
    after = last
  }
}

/**
 * Returns control from a listener whose delivery has been failing for longer than the organisation allows, and ends an
 * offer to it.
 */
export async function reportUnreachable(
  transactions: Transactions,
  organisations: Organisations,
  key: UserKey,
  listener: string,
): Promise<void> {
  await onThread(transactions, organisations, key, async (session) => {
    // as it is written now: the report may be old
    const failingSince = session.listeners.find(({ id }) => id === listener)?.failingSince ?? null
    return failingSince === null ? null : session.command({ kind: 'unreachable', listener, failingSince })
  })
}

/** Accepts or declines an offer as its receiver's event does. One that is over by now changes nothing. */
export async function reportOfferAnswer(
  transactions: Transactions,
  organisations: Organisations,
  { lane, body, answer, reason }: AnsweredOffer,
): Promise<void> {
  const { bucket, organisationId, userId, listener } = lane
  const { offer_number } = JSON.parse((JSON.parse(body) as { metadata: string }).metadata)
  const event = { kind: 'event', from: listener, type: 'thread_control', subtype: answer } as const
  const why = reason === undefined ? {} : { reason: storableText(beginningOf(reason, LONGEST_REASON)) }
  const metadata = JSON.stringify({ ...why, offer_number })
  await onThread(transactions, organisations, { bucket, organisationId, userId }, (session) =>
    session.command({ ...event, metadata }),
  )
}
