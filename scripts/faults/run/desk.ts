import { setTimeout as sleep } from 'node:timers/promises'
import type { ListenerName } from '../plan/listeners.js'
import { Random } from '../random.js'
import { type Payload, saidBy } from '../world/receiver.js'
import type { Calls } from './calls.js'
import { rate } from './ratings.js'
import type { Traffic } from './traffic.js'

/** How often a user's message is the last of its conversation for the desk, which ends it. */
const ENDS = 0.25
/** How the desk answers an offer, and how often. */
const ANSWERS = { accepts: 3, declines: 2, allocates: 1, accepts_at_once: 2, declines_at_once: 1, is_silent: 3 }
const ANSWERED_WITHIN_MS = 2_500
/** How often the user rates a conversation that the desk has ended, and names it. */
const RATED = 0.6
const NAMED = 0.5

/** What the acknowledgement of an offer says, where that answers it. */
export function offerAcknowledged(
  seed: string,
  by: ListenerName,
  payload: Payload,
): { offer?: 'accepted' | 'declined' } {
  // the observer hears of it too
  if (saidBy(payload).to !== by) return {}
  const answer = answerTo(seed, by, payload).how
  if (answer === 'accepts_at_once') return { offer: 'accepted' }
  return answer === 'declines_at_once' ? { offer: 'declined' } : {}
}

function answerTo(seed: string, by: ListenerName, payload: Payload) {
  const random = new Random(`${seed}/offer/${payload.user_id}/${saidBy(payload).offer_number}`)
  return {
    how: random.weighted(by === 'desk' ? ANSWERS : { ...ANSWERS, accepts: 0, allocates: 0, accepts_at_once: 0 }),
    afterMs: random.between(0, ANSWERED_WITHIN_MS),
  }
}

/** A desk answers an offer by an event, perhaps too late. */
export function answerOffer(calls: Calls, by: ListenerName, payload: Payload): void {
  const { user_id: user = '' } = payload
  const { offer_number: number = 0 } = saidBy(payload)
  const { how, afterMs } = answerTo(calls.seed, by, payload)
  if (how !== 'accepts' && how !== 'declines' && how !== 'allocates') return
  calls.begin(async () => {
    await sleep(afterMs)
    const answer = how === 'declines' ? 'declined' : 'accepted'
    const event =
      how === 'allocates' ? { type: 'aeu_events', subtype: 'allocated' } : { type: 'thread_control', subtype: answer }
    const body = { user_id: user, ...event, metadata: JSON.stringify({ offer_number: number }) }
    const answered = await calls.post(by, '/tract/event/send', body, `answer-${user}-${number}`)
    // an agent may be allocated without any offer
    if (how === 'allocates') return
    calls.seen.offerAnswers.push({ user, number, answer, isTaken: answered?.status === 200 })
  })
}

/** The desk in control ends some conversations with an outcome, and then says something more in them, too late. */
export function endSome(calls: Calls, traffic: Traffic, payload: Payload): void {
  const { user_id: user = '', conversation_number: conversation, message_body, in_control, sender, history } = payload
  const token = message_body?.text?.split(' ', 1)[0]
  if (!in_control || sender !== 'ceu' || history || token === undefined || user.startsWith('erased-')) return
  const random = new Random(`${calls.seed}/end/${token}`)
  if (!random.chance(ENDS)) return
  calls.begin(async () => {
    await sleep(random.between(0, 1_000))
    const outcome = { reason: 'resolved', note: `e${token}`, tags: ['faults'] }
    const meant = { user_id: user, conversation_number: conversation }
    const event = { ...meant, type: 'conversation_state', subtype: 'complete', metadata: JSON.stringify(outcome) }
    const answered = await calls.post('desk', '/tract/event/send', event, `end-${token}`)
    if (answered === null) return
    const { startedAt, answeredAt, status } = answered
    const ended = { user, conversation: Number(conversation), token: outcome.note, isTaken: status === 200 }
    calls.seen.completions.push({ ...ended, startedAt, answeredAt })
    if (ended.isTaken && random.chance(RATED)) {
      const named = random.chance(NAMED) ? { conversation: ended.conversation } : {}
      calls.begin(() => rate(calls, `q${token}`, { user, ...named }))
    }
    await sleep(random.between(0, 2_000))
    await traffic.answer('desk', `l${token}`, payload)
  })
}
