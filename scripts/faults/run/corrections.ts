import { setTimeout as sleep } from 'node:timers/promises'
import type { Correction } from '../history/history.js'
import type { ListenerName } from '../plan/listeners.js'
import { Random } from '../random.js'
import type { Calls } from './calls.js'

/** How often an author corrects what it said. */
const CORRECTED = 0.12
const MOST_EDITS = 3
/** How often the message is taken back at last, all of it is said at once, and a call is repeated though it was answered. */
const DELETED = 0.3
const AT_ONCE = 0.3
const ECHOES = 0.1
const PAUSE_MS = 600

type Said = Pick<Correction, 'user' | 'messageId' | 'message' | 'hearers'>

/** An author edits some of its messages, and takes some of these back, one call after another or all at once. */
export async function correctSome(calls: Calls, author: ListenerName, said: Said): Promise<void> {
  const random = new Random(`${calls.seed}/correct/${said.message}`)
  if (!random.chance(CORRECTED)) return
  const edits = Array.from({ length: random.integer(1, MOST_EDITS) }, () => 'edited' as const)
  const kinds = [...edits, ...(random.chance(DELETED) ? (['deleted'] as const) : [])]
  const isAtOnce = random.chance(AT_ONCE)
  const works: Promise<void>[] = []
  for (const [index, kind] of kinds.entries()) {
    const token = `${said.message}.${kind}.${index}`
    const [pause, echoes] = [random.between(0, PAUSE_MS), random.chance(ECHOES)]
    if (!isAtOnce) await sleep(pause)
    const work = correct(calls, author, { ...said, kind, token }, echoes)
    if (isAtOnce) works.push(work)
    else await work
  }
  await Promise.all(works)
}

async function correct(
  calls: Calls,
  author: ListenerName,
  correction: Said & Pick<Correction, 'kind' | 'token'>,
  echoes: boolean,
): Promise<void> {
  const { user, messageId, kind, token } = correction
  const words = kind === 'edited' ? { message_body: `${token} is meant` } : { reason: token }
  const metadata = JSON.stringify({ message_id: messageId, ...words })
  const event = { user_id: user, type: 'message', subtype: kind, metadata }
  const path = author === 'desk' ? '/tract/event/send' : '/platform/event/send/'
  const answered = await calls.post(author, path, event, `correct-${token}`)
  if (answered === null) return
  const { startedAt, answeredAt, status } = answered
  calls.seen.corrections.push({ ...correction, startedAt, answeredAt, isTaken: status === 200 })
  if (echoes) await calls.post(author, path, event, `correct-${token}`)
}
