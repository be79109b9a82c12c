import type { Correction, Receipt, StoredMessage, TranscribedMessage } from '../history/history.js'
import { grouped, type Violation, wrong } from './violation.js'

const CORRECTED = new Set(['message/edited', 'message/deleted'])

interface Message {
  user: string
  messageId: number
}

const nameOf = ({ user, messageId }: Message) => `message ${messageId} of ${user}`

/** A message that is deleted has no word left to tell which it was: its deletion knows. */
export function withTokens(messages: readonly StoredMessage[], corrections: readonly Correction[]): StoredMessage[] {
  const tokens = new Map(corrections.map((correction) => [nameOf(correction), correction.message]))
  return messages.map((message) => ({ ...message, token: message.token ?? tokens.get(nameOf(message)) ?? null }))
}

interface Shown {
  messages: readonly StoredMessage[]
  transcripts: readonly TranscribedMessage[]
}

/**
 * Edits and deletions: each that was taken is heard once by everyone who heard the message, behind the message and all in one order,
 * and the last of them is what the message says, in the database and by the API.
 */
export function checkCorrections(
  corrections: readonly Correction[],
  { messages, transcripts }: Shown,
  receipts: readonly Receipt[],
): Violation[] {
  const ofMessage = grouped(corrections, nameOf)
  const heard = grouped(receipts.filter(isOfMessage), (receipt) =>
    nameOf({ user: receipt.user, messageId: numberOf(receipt) }),
  )
  const rows = new Map(transcripts.map((row) => [nameOf(row), row]))
  return messages.flatMap((message) => {
    const name = nameOf(message)
    const theirs = ofMessage.get(name) ?? []
    const lanes = lanesOf(heard.get(name) ?? [])
    const order = lanes.find(({ listener }) => theirs.some(({ hearers }) => hearers.includes(listener)))?.told ?? []
    return [
      ...checkHeard(name, theirs, lanes, order),
      ...(theirs.length > 0 ? checkCallOrder(name, theirs, order) : []),
      ...checkSaid(name, message, theirs, order, rows.get(name)),
    ]
  })
}

const numberOf = ({ messageId, about }: Receipt) => (about ?? messageId) as number
const isOfMessage = ({ hook, messageId }: Receipt) => CORRECTED.has(hook) || messageId !== null

interface Lane {
  listener: string
  /** Tokens of edits and deletions, in the order in which they stand in the lane. */
  told: string[]
  isBehind: boolean
}

/** What each listener was sent of one message. */
function lanesOf(receipts: readonly Receipt[]): Lane[] {
  return [...grouped(receipts, ({ listener }) => listener)].map(([listener, theirs]) => {
    const deliveries = [...new Map(theirs.map((one) => [one.id, one])).values()]
    const inOrder = deliveries.sort((one, other) => one.sequence - other.sequence)
    const told = inOrder.filter(({ hook }) => CORRECTED.has(hook)).map(({ token }) => token ?? '')
    return { listener, told, isBehind: inOrder[0] !== undefined && !CORRECTED.has(inOrder[0].hook) }
  })
}

function checkHeard(
  name: string,
  corrections: readonly Correction[],
  lanes: readonly Lane[],
  order: readonly string[],
): Violation[] {
  const taken = corrections.filter(({ isTaken }) => isTaken)
  const known = new Set(taken.map(({ token }) => token))
  const toldOf = new Map(lanes.map(({ listener, told }) => [listener, told]))
  const hearers = new Set(corrections.flatMap(({ hearers: those }) => those))
  return [
    ...taken.flatMap(({ token, hearers: those }) =>
      those
        .filter((listener) => !toldOf.get(listener)?.includes(token))
        .map((listener) => wrong('corrected', `${listener} was not told of ${token} of ${name}`)),
    ),
    ...lanes.flatMap(({ listener, told, isBehind }) => {
      const isHearer = hearers.has(listener)
      const places = told.map((token) => order.indexOf(token))
      const problems = [
        ...told.filter((token) => !known.has(token)).map((token) => `was told of ${token}, which was refused`),
        ...(new Set(told).size < told.length ? [`was told twice: ${told.join(', ')}`] : []),
        ...(isHearer && told.length > 0 && !isBehind ? [`was told before the message: ${told.join(', ')}`] : []),
        ...(places.some((place, index) => place < (places[index - 1] ?? 0))
          ? [`was told ${told.join(', ')}, and another listener ${order.join(', ')}`]
          : []),
      ]
      return problems.map((problem) => wrong('corrected', `${listener} ${problem}, of ${name}`))
    }),
  ]
}

/** What was called after another one was answered comes behind it, and nothing behind a deletion. */
function checkCallOrder(name: string, corrections: readonly Correction[], order: readonly string[]): Violation[] {
  const byToken = new Map(corrections.map((correction) => [correction.token, correction]))
  const inOrder = order.flatMap((token) => byToken.get(token) ?? [])
  return inOrder.flatMap((correction, index) => {
    const late = inOrder.slice(index + 1).find(({ answeredAt }) => answeredAt < correction.startedAt)
    const isOver = correction.kind === 'deleted' && index < inOrder.length - 1
    return [
      ...(late ? [wrong('corrected', `${correction.token} of ${name} came before ${late.token}`)] : []),
      ...(isOver ? [wrong('corrected', `${name} was corrected after its deletion`)] : []),
    ]
  })
}

function checkSaid(
  name: string,
  { says, token }: StoredMessage,
  corrections: readonly Correction[],
  order: readonly string[],
  row: TranscribedMessage | undefined,
): Violation[] {
  const last = order.at(-1)
  const isDeleted = corrections.some(({ token: one, kind }) => one === last && kind === 'deleted')
  const expected = isDeleted ? null : (last ?? token)
  const isEdited = !isDeleted && last !== undefined
  const saying = (what: string | null) => what ?? 'nothing'
  return [
    ...(says === expected ? [] : [wrong('said', `${name} says ${saying(says)}, and not ${saying(expected)}`)]),
    ...(corrections.length > 0 && row === undefined ? [wrong('said', `${name} is not in the transcript`)] : []),
    ...(row && row.says !== expected
      ? [wrong('said', `${name} is shown with ${saying(row.says)}, and not ${saying(expected)}`)]
      : []),
    ...(row && row.original !== (isEdited ? token : null)
      ? [wrong('said', `${name} is shown as having said ${saying(row.original)} at first`)]
      : []),
    ...(row && isEdited && !row.isEdited ? [wrong('said', `${name} is not shown as edited`)] : []),
  ]
}
