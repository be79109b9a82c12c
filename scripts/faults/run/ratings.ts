import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../random.js'
import type { Calls } from './calls.js'

const AGAIN = 0.3
const PAUSE_MS = 1_000

/** The user rates a conversation, perhaps a second time, and perhaps while it ends. */
export async function rate(
  calls: Calls,
  name: string,
  { user, conversation }: { user: string; conversation?: number },
): Promise<void> {
  const random = new Random(`${calls.seed}/rate/${name}`)
  const times = random.chance(AGAIN) ? 2 : 1
  for (let time = 1; time <= times; time++) {
    await sleep(random.between(0, PAUSE_MS))
    const token = `${name}.${time}`
    const named = conversation === undefined ? {} : { conversation_number: String(conversation) }
    const metadata = JSON.stringify({ score: random.integer(1, 5), comment: token, ...named })
    const event = { user_id: user, type: 'user_events', subtype: 'feedback', metadata }
    const answered = await calls.post('md', '/platform/event/send/', event, `rate-${token}`)
    if (answered === null) return
    const { startedAt, answeredAt, status } = answered
    const rated = { user, conversation: conversation ?? null, token, isTaken: status === 200 }
    calls.seen.ratings.push({ ...rated, startedAt, answeredAt })
  }
}
