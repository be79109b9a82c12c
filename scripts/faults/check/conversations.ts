import type { Completion, Receipt, Send, StoredConversation, StoredMessage } from '../history/history.js'
import { grouped, type Violation, wrong } from './violation.js'

const OVER = 'conversation_over'

export function checkConversations(
  sends: readonly Send[],
  completions: readonly Completion[],
  { messages, conversations }: { messages: readonly StoredMessage[]; conversations: readonly StoredConversation[] },
  receipts: readonly Receipt[],
): Violation[] {
  const rows = new Map(conversations.map((row) => [nameOf(row), row]))
  const ended = grouped(
    completions.filter(({ isTaken }) => isTaken),
    nameOf,
  )
  const told = new Set(receipts.flatMap(({ hook, token }) => (hook === 'conversation_state/complete' && token) || []))
  const stored = new Map(messages.map((message) => [message.token, message]))
  return [
    ...sends.flatMap((send) => checkNamed(send, stored.get(send.token), ended)),
    ...completions.flatMap((completion) => checkOutcome(completion, rows.get(nameOf(completion)), told)),
    ...[...grouped(conversations, ({ user }) => user)].flatMap(([user, theirs]) => checkRows(user, theirs)),
    ...messages
      .filter((message) => !rows.has(nameOf(message)))
      .map((message) => wrong('outcome', `${message.token} is of ${nameOf(message)}, of which there is no row`)),
  ]
}

const nameOf = ({ user, conversation }: { user: string; conversation: number }) =>
  `conversation ${conversation} of ${user}`

/** What was refused is not stored. What comes after the answer to the end of its conversation is refused. */
function checkNamed(
  { token, user, conversation, startedAt, answers }: Send,
  stored: StoredMessage | undefined,
  ended: ReadonlyMap<string, readonly Completion[]>,
): Violation[] {
  const [first] = answers
  if (stored && first && first.status !== 200)
    return [wrong('over', `${token} of ${user} was answered ${first.status} ${first.code}, and is stored`)]
  if (conversation === undefined) return []
  const name = nameOf({ user, conversation })
  if (stored && stored.conversation !== conversation)
    return [wrong('over', `${token} was meant for ${name}, and went to ${stored.conversation}`)]
  const isLate = ended.get(name)?.some(({ answeredAt }) => answeredAt < startedAt)
  if (!isLate || first === undefined || (first.status === 409 && first.code === OVER)) return []
  return [wrong('over', `${token} came after the end of ${name}, and was answered ${first.status} ${first.code ?? ''}`)]
}

function checkOutcome(
  completion: Completion,
  row: StoredConversation | undefined,
  told: ReadonlySet<string>,
): Violation[] {
  const { token, isTaken } = completion
  const isKept = row?.isClosed === true && row.token === token
  const problems = [
    ...(isTaken && !isKept ? [`is ${row?.token ?? 'not there'}`] : []),
    ...(isTaken && !told.has(token) ? ['was not told to the observer'] : []),
    ...(!isTaken && row?.token === token ? ['is there, though the call was refused'] : []),
  ]
  return problems.map((problem) => wrong('outcome', `of ${nameOf(completion)}, the outcome of ${token} ${problem}`))
}

/** One after another, each over before the next, and with one owner at most. */
function checkRows(user: string, rows: readonly StoredConversation[]): Violation[] {
  const inOrder = [...rows].sort((one, other) => one.conversation - other.conversation)
  return inOrder.flatMap((row, index) => {
    const { conversation, isClosed, present } = row
    const isLast = index === inOrder.length - 1
    const problems = [
      ...(conversation !== index + 1 ? [`stands in place ${index + 1}`] : []),
      ...(!isClosed && !isLast ? ['is open, and the next one too'] : []),
      ...(present > (isClosed ? 0 : 1) ? [`has ${present} owners`] : []),
    ]
    return problems.map((problem) => wrong('outcome', `${nameOf({ user, conversation })} ${problem}`))
  })
}
