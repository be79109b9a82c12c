import type { Completion, Rating, Receipt, StoredConversation } from '../history/history.js'
import { grouped, type Violation, wrong } from './violation.js'

const FEEDBACK = 'user_events/feedback'
/** It hears of every rating; others, of those of the conversations that they held. */
const OBSERVER = 'observer'

const nameOf = ({ user, conversation }: { user: string; conversation: number | null }) =>
  `conversation ${conversation} of ${user}`

interface Told {
  conversation: number
  listeners: string[]
}

/** A rating that was taken stands with its conversation until the next one, and is told once to whom it concerns. */
export function checkRatings(
  ratings: readonly Rating[],
  completions: readonly Completion[],
  conversations: readonly StoredConversation[],
  receipts: readonly Receipt[],
): Violation[] {
  const rows = new Map(conversations.map((row) => [nameOf(row), row]))
  const told = toldOf(receipts)
  const ended = grouped(
    completions.filter(({ isTaken }) => isTaken),
    ({ user }) => user,
  )
  const rated = grouped(
    ratings.filter(({ isTaken }) => isTaken),
    ({ user, token }) => nameOf({ user, conversation: told.get(token)?.conversation ?? null }),
  )
  return [
    ...ratings.flatMap((rating) => {
      const heard = told.get(rating.token)
      if (!rating.isTaken) return heard ? [wrong('rated', `${rating.token} was refused, and told`)] : []
      if (!heard) return [wrong('rated', `${rating.token} of ${rating.user} was not told`)]
      const row = rows.get(nameOf({ user: rating.user, conversation: heard.conversation }))
      return checkTold(rating, heard, row, ended.get(rating.user) ?? [])
    }),
    ...conversations.flatMap((row) => checkKept(row, rated.get(nameOf(row)) ?? [])),
  ]
}

function toldOf(receipts: readonly Receipt[]): ReadonlyMap<string, Told> {
  const deliveries = [...new Map(receipts.map((one) => [one.id, one])).values()]
  const ofRatings = deliveries.filter(({ hook }) => hook === FEEDBACK)
  return new Map(
    [...grouped(ofRatings, ({ token }) => token ?? '')].map(([token, theirs]) => [
      token,
      { conversation: theirs[0]?.conversation ?? 0, listeners: theirs.map(({ listener }) => listener) },
    ]),
  )
}

function checkTold(
  { user, token, conversation: named, startedAt }: Rating,
  { conversation, listeners }: Told,
  row: StoredConversation | undefined,
  ended: readonly Completion[],
): Violation[] {
  const before = ended.filter(({ answeredAt }) => answeredAt < startedAt)
  const last = Math.max(0, ...before.map((completion) => completion.conversation))
  const isFixed = before.some((completion) => completion.conversation === conversation)
  const held = row?.heldBy ?? []
  const missing = [OBSERVER, ...(isFixed ? held : [])].filter((listener) => !listeners.includes(listener))
  const strangers = listeners.filter((listener) => listener !== OBSERVER && !held.includes(listener))
  const problems = [
    ...(named !== null && named !== conversation ? [`went to conversation ${conversation}, and not to ${named}`] : []),
    ...(named === null && conversation < last ? [`went to conversation ${conversation}, when ${last} was over`] : []),
    ...(new Set(listeners).size < listeners.length ? [`was told twice: ${listeners.join(', ')}`] : []),
    ...missing.map((listener) => `was not told to ${listener}`),
    ...strangers.map((listener) => `was told to ${listener}, who did not hold the conversation`),
  ]
  return problems.map((problem) => wrong('rated', `${token} of ${user} ${problem}`))
}

function checkKept(row: StoredConversation, rated: readonly Rating[]): Violation[] {
  const kept = rated.find(({ token }) => token === row.rating)
  if (!kept && row.rating === null && rated.length === 0) return []
  const later = kept && rated.find(({ startedAt }) => startedAt > kept.answeredAt)
  if (kept && !later) return []
  const instead = (later ? [later] : rated).map(({ token }) => token).join(' or ') || 'none'
  return [wrong('rated', `${nameOf(row)} has the rating ${row.rating ?? 'none'}, and not ${instead}`)]
}
