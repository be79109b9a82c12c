import type { Receipt, Send, StoredMessage } from '../history/history.js'
import { grouped, type Violation, wrong } from './violation.js'

/** What became of messages: in their answers, in the database, and at their listeners. */
export function checkMessages(
  sends: readonly Send[],
  stored: readonly StoredMessage[],
  receipts: readonly Receipt[],
): Violation[] {
  const byToken = grouped(stored, ({ token }) => token ?? '')
  const heard = grouped(receipts, ({ token }) => token ?? '')
  return [
    ...sends.flatMap((send) => [
      ...checkAnswers(send, byToken.get(send.token) ?? []),
      ...checkHeard(send, byToken.get(send.token) ?? [], heard.get(send.token) ?? []),
    ]),
    ...sends.flatMap(checkAccepted),
    ...[...grouped(sends, ({ user }) => user)].flatMap(([user, theirs]) => checkCallOrder(user, theirs)),
    ...checkNumbers(stored),
  ]
}

/** A user's message is always accepted. A reply can come after its listener gave up control. */
function checkAccepted({ token, user, sender, answers }: Send): Violation[] {
  const refused = answers.find(({ status }) => status !== 200)
  if (sender !== 'user' || refused === undefined) return []
  return [wrong('refusal', `${token} of ${user} was answered ${refused.status}`)]
}

/** Stored once, and under the number that was answered. */
function checkAnswers({ token, user, answers }: Send, stored: readonly StoredMessage[]): Violation[] {
  const name = `${token} of ${user}`
  const numbers = stored.map(({ messageId }) => messageId)
  const ids = [...new Set(answers.flatMap(({ messageId }) => messageId ?? []))]
  const isStored = (id: number) => stored.some(({ messageId, user: owner }) => messageId === id && owner === user)
  return [
    ...(numbers.length > 1 ? [wrong('single', `${name} is stored as messages ${numbers.join(' and ')}`)] : []),
    ...(ids.length > 1 ? [wrong('single', `${name} was answered with ${ids.join(' and ')}`)] : []),
    ...ids
      .filter((id) => !isStored(id))
      .map((id) => wrong('kept', `${name} was answered as message ${id}, which is not stored`)),
  ]
}

/** Every listener that is to hear it got it, and all got the same. */
function checkHeard(
  { token, user, hearers }: Send,
  stored: readonly StoredMessage[],
  receipts: readonly Receipt[],
): Violation[] {
  const name = `${token} of ${user}`
  const missing =
    stored.length > 0 ? hearers.filter((listener) => receipts.every((receipt) => receipt.listener !== listener)) : []
  const forms = new Set(receipts.map((receipt) => `${receipt.user} ${receipt.messageId}`))
  const deliveries = [...grouped(receipts, ({ listener }) => listener)].flatMap(([listener, theirs]) => {
    const ids = new Set(theirs.map(({ id }) => id))
    return ids.size > 1 ? [wrong('single', `${token} came to ${listener} as ${[...ids].join(' and as ')}`)] : []
  })
  return [
    ...missing.map((listener) => wrong('arrives', `${name} never came to ${listener}`)),
    ...(forms.size > 1 ? [wrong('single', `${token} came as ${[...forms].join(' and as ')}`)] : []),
    ...deliveries,
    ...(stored.length === 0 && receipts.length > 0 ? [wrong('kept', `${name} was delivered, and is not stored`)] : []),
  ]
}

/** A message that was sent after another's answer has a higher number. */
function checkCallOrder(user: string, sends: readonly Send[]): Violation[] {
  const answered = sends.flatMap(({ token, answers }) => {
    const first = answers.find(({ messageId }) => messageId !== null)
    return first ? [{ token, at: first.at, messageId: first.messageId as number }] : []
  })
  const numberOf = new Map(answered.map(({ token, messageId }) => [token, messageId]))
  const byAnswer = answered.sort((one, other) => one.at - other.at)
  let next = 0
  let highest = 0
  return [...sends]
    .sort((one, other) => one.startedAt - other.startedAt)
    .flatMap(({ token, startedAt }) => {
      for (; next < byAnswer.length && (byAnswer[next]?.at ?? 0) < startedAt; next++)
        highest = Math.max(highest, byAnswer[next]?.messageId ?? 0)
      const messageId = numberOf.get(token)
      if (messageId === undefined || messageId > highest) return []
      return [wrong('numbering', `${token} of ${user} is ${messageId}, sent after ${highest} was answered`)]
    })
}

function checkNumbers(stored: readonly StoredMessage[]): Violation[] {
  return [...grouped(stored, ({ user }) => user)].flatMap(([user, messages]) => {
    const numbers = messages.map(({ messageId }) => messageId).sort((one, other) => one - other)
    const gap = numbers.findIndex((number, index) => number !== index + 1)
    return gap >= 0 ? [wrong('numbering', `${user} has message ${numbers[gap]} in place ${gap + 1}`)] : []
  })
}
