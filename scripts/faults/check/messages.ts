import type { Receipt, Send, StoredMessage } from '../history/history.js'
import { grouped, type Violation } from './violation.js'

/** What became of the messages that callers sent: in their answers, in the database, and at those who are to hear them. */
export function checkMessages(
  sends: readonly Send[],
  stored: readonly StoredMessage[],
  receipts: readonly Receipt[],
): Violation[] {
  const byToken = grouped(
    stored.filter(({ token }) => token !== null),
    ({ token }) => token as string,
  )
  const heard = grouped(
    receipts.filter(({ token }) => token !== null),
    ({ token }) => token as string,
  )
  return [
    ...sends.flatMap((send) => [
      ...checkAnswers(send, byToken.get(send.token) ?? []),
      ...checkHeard(send, byToken.get(send.token) ?? [], heard.get(send.token) ?? []),
    ]),
    ...sends.flatMap(checkAccepted),
    ...checkCallOrder(sends),
    ...checkNumbers(stored),
  ]
}

/** Nothing stands against what a user writes: refusing it is losing it. A listener's reply may come after it gave up control. */
function checkAccepted({ token, user, sender, answers }: Send): Violation[] {
  if (sender !== 'user') return []
  const refused = answers.find(({ status }) => status !== 200)
  return refused ? [{ invariant: 'refusal', text: `${token} of ${user} was answered ${refused.status}` }] : []
}

/** Stored once; never under another number than the one that was answered. */
function checkAnswers({ token, user, answers }: Send, stored: readonly StoredMessage[]): Violation[] {
  const violations: Violation[] = []
  const ids = new Set(answers.flatMap(({ messageId }) => messageId ?? []))
  if (stored.length > 1) {
    const numbers = stored.map(({ messageId }) => messageId).join(' and ')
    violations.push({ invariant: 'single', text: `${token} of ${user} is stored as messages ${numbers}` })
  }
  if (ids.size > 1)
    violations.push({ invariant: 'single', text: `${token} of ${user} was answered with ${[...ids].join(' and ')}` })
  for (const id of ids) {
    if (stored.some(({ messageId, user: owner }) => messageId === id && owner === user)) continue
    violations.push({
      invariant: 'kept',
      text: `${token} of ${user} was answered as message ${id}, which is not stored`,
    })
  }
  return violations
}

/** Everybody who is to hear it got it, and everybody the same. */
function checkHeard(
  { token, user, hearers }: Send,
  stored: readonly StoredMessage[],
  receipts: readonly Receipt[],
): Violation[] {
  const violations: Violation[] = []
  for (const listener of stored.length > 0 ? hearers : []) {
    if (!receipts.some((receipt) => receipt.listener === listener))
      violations.push({ invariant: 'arrives', text: `${token} of ${user} never came to ${listener}` })
  }
  const forms = new Set(receipts.map((receipt) => `${receipt.user} ${receipt.messageId}`))
  if (forms.size > 1) violations.push({ invariant: 'single', text: `${token} came as ${[...forms].join(' and as ')}` })
  for (const [listener, theirs] of grouped(receipts, (receipt) => receipt.listener)) {
    const ids = new Set(theirs.map(({ id }) => id))
    if (ids.size > 1)
      violations.push({ invariant: 'single', text: `${token} came to ${listener} as ${[...ids].join(' and as ')}` })
  }
  if (stored.length === 0 && receipts.length > 0)
    violations.push({ invariant: 'kept', text: `${token} of ${user} was delivered, and is not stored` })
  return violations
}

/** A message that was sent after another's answer has a higher number. */
function checkCallOrder(sends: readonly Send[]): Violation[] {
  const violations: Violation[] = []
  for (const [user, theirs] of grouped(sends, (send) => send.user)) {
    const answered = theirs.flatMap(({ token, answers }) => {
      const first = answers.find(({ messageId }) => messageId !== null)
      return first ? [{ token, at: first.at, messageId: first.messageId as number }] : []
    })
    const numberOf = new Map(answered.map(({ token, messageId }) => [token, messageId]))
    const byAnswer = answered.sort((one, other) => one.at - other.at)
    let next = 0
    let highest = 0
    for (const { token, startedAt } of [...theirs].sort((one, other) => one.startedAt - other.startedAt)) {
      for (; next < byAnswer.length && (byAnswer[next]?.at ?? 0) < startedAt; next++)
        highest = Math.max(highest, byAnswer[next]?.messageId ?? 0)
      const messageId = numberOf.get(token)
      if (messageId !== undefined && messageId <= highest)
        violations.push({
          invariant: 'numbering',
          text: `${token} of ${user} is ${messageId}, sent after ${highest} was answered`,
        })
    }
  }
  return violations
}

function checkNumbers(stored: readonly StoredMessage[]): Violation[] {
  const violations: Violation[] = []
  for (const [user, messages] of grouped(stored, (message) => message.user)) {
    const numbers = messages.map(({ messageId }) => messageId).sort((one, other) => one - other)
    const wrong = numbers.findIndex((number, index) => number !== index + 1)
    if (wrong >= 0)
      violations.push({ invariant: 'numbering', text: `${user} has message ${numbers[wrong]} in place ${wrong + 1}` })
  }
  return violations
}
