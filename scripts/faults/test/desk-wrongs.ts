import type { Invariant } from '../check/violation.js'
import type { Correction, History, Receipt } from '../history/history.js'
import type { Random } from '../random.js'
import { CLOSED_AT, ERASED, USERS } from './desk-history.js'
import { type Damage, without } from './wrongs.js'

/** Damages something of one of the users. */
const ofUser =
  (damage: (user: string, history: History, random: Random) => void): Damage =>
  (history, random) =>
    damage(random.pick(USERS), history, random)

const ofEvent = (subtype: string, damage: (receipt: Receipt, history: History) => void): Damage =>
  ofUser((user, history) => {
    const hook = `thread_control/${subtype}`
    damage(
      history.receipts.find((one) => one.user === user && one.listener === 'observer' && one.hook === hook) as Receipt,
      history,
    )
  })

/** Takes a delivery out, as if it had never been enqueued. */
function unsaid({ receipts, stored }: History, gone: Receipt): void {
  const isIt = (one: { listener: string; user: string; sequence: number }) =>
    one.listener === gone.listener && one.user === gone.user && one.sequence === gone.sequence
  without(receipts, isIt)
  without(stored.deliveries, isIt)
}

const rowOf = ({ stored }: History, user: string, conversation: number) =>
  stored.conversations.find((row) => row.user === user && row.conversation === conversation)

/** Damages what is said of the message with this number of one of the users. */
const ofMessage = (
  number: number,
  damage: (found: { receipts: Receipt[]; corrections: Correction[] }, history: History) => void,
): Damage =>
  ofUser((user, history) => {
    const isOf = (one: { user: string }) => one.user === user
    damage(
      {
        receipts: history.receipts.filter((one) => isOf(one) && one.about === number),
        corrections: history.corrections.filter((one) => isOf(one) && one.messageId === number),
      },
      history,
    )
  })

/** As what was shown, or kept, of the message with this number. */
const ofRow = (list: 'messages' | 'transcripts', number: number, changes: object): Damage =>
  ofUser((user, { stored, transcripts }) => {
    const rows = list === 'messages' ? stored.messages : transcripts
    const row = rows.find((one) => one.user === user && one.messageId === number)
    if (row) Object.assign(row, changes)
  })

/** Changes places with the next one. */
function swap(receipts: readonly Receipt[]): void {
  const [one, other] = receipts
  if (one && other) [one.token, other.token] = [other.token, one.token]
}

const ofRating = (token: string, damage: (receipts: Receipt[], history: History) => void): Damage =>
  ofUser((user, history) => {
    damage(
      history.receipts.filter((one) => one.token === `${user}-${token}`),
      history,
    )
  })

const at = (receipts: readonly Receipt[], listener: string) => receipts.filter((one) => one.listener === listener)

export const DESK_WRONGS: Partial<Record<Invariant, Readonly<Record<string, Damage>>>> = {
  offer: {
    'an offer never ends': ofEvent('expired', (receipt, history) => unsaid(history, receipt)),
    'an offer ends twice': ofEvent('declined', (receipt, { receipts }) => {
      receipts.push({ ...receipt, id: 'twice', sequence: receipt.sequence + 0.5, hook: 'thread_control/expired' })
    }),
    'an offer is made while another one stands': ofEvent('offered', (receipt, { receipts }) => {
      receipts.push({ ...receipt, id: 'second', sequence: receipt.sequence + 0.5, offer: 17 })
    }),
    'an offer ends that was never made': ofEvent('offered', (receipt, history) => unsaid(history, receipt)),
    'control changes while an offer stands': ofEvent('offered', (receipt, { receipts }) => {
      receipts.push({
        ...receipt,
        id: 'gone',
        sequence: receipt.sequence + 0.5,
        hook: 'thread_control/assigned',
        offer: null,
      })
    }),
    'the listener that is asked is not told': ofUser((user, { receipts }) => {
      without(
        receipts,
        (one) => one.user === user && one.listener === 'desk' && one.hook.endsWith('/offered') && one.offer === 2,
      )
    }),
    'the offerer is not told how its offer ended': ofUser((user, { receipts }) => {
      without(receipts, (one) => one.user === user && one.listener === 'iva' && one.hook.endsWith('/accepted'))
    }),
    'an answer counts that was refused': ofUser((user, { offerAnswers }) => {
      for (const answer of offerAnswers)
        if (answer.user === user && answer.answer === 'declined') answer.isTaken = false
    }),
    'an answer that was taken is lost': ofUser((user, history) => {
      const { offerAnswers } = history
      // who is given control later may have accepted that
      history.receipts = history.receipts.filter((one) => one.user !== user || !one.hook.endsWith('/assigned'))
      const { receipts } = history
      const expired = receipts.find((one) => one.user === user && one.hook.endsWith('/expired'))
      for (const answer of offerAnswers)
        if (answer.user === user && answer.number === expired?.offer) answer.isTaken = true
    }),
  },
  closed: {
    'control is passed to a desk that is closed': ofUser((user, { controls, receipts }) => {
      const refused = controls.find((call) => call.user === user && call.code !== null)
      const pass = receipts.find((one) => one.user === user && one.reason === 'passed') as Receipt
      if (refused) Object.assign(refused, { granted: 99, code: null })
      receipts.push({ ...pass, epoch: 99, id: 'given', sequence: 1_000 })
    }),
    'control is offered to a desk that is closed': ofUser((user, { controls }) => {
      const offer = controls.find((call) => call.user === user && call.kind === 'offer')
      if (offer) Object.assign(offer, { startedAt: CLOSED_AT + 100, answeredAt: CLOSED_AT + 120 })
    }),
  },
  refusal: {
    'a pass is refused as closed while the desk is open': ofUser((user, { controls }) => {
      const refused = controls.find((call) => call.user === user && call.code !== null)
      if (refused) Object.assign(refused, { startedAt: CLOSED_AT - 5_000, answeredAt: CLOSED_AT - 4_980 })
    }),
  },
  over: {
    'what is meant for a conversation goes to the next one': ofUser((user, { sends, stored }) => {
      const late = sends.find((send) => send.token === `${user}-late`)
      if (late) late.answers = [{ at: late.startedAt + 20, status: 200, messageId: 2 }]
      for (const message of stored.messages) if (message.token === `${user}-m2`) message.token = `${user}-late`
    }),
    'what is meant for a conversation that is over is refused for another reason': ofUser((user, { sends }) => {
      const late = sends.find((send) => send.token === `${user}-late`)
      for (const answer of late?.answers ?? []) answer.code = 'not_in_control'
    }),
    'what was refused is stored': ofUser((user, { stored }) => {
      const token = `${user}-late`
      stored.messages.push({ user, token, says: token, messageId: 4, conversation: 1 })
    }),
  },
  corrected: {
    'who heard a message is not told of its edit': ofMessage(1, ({ receipts }, history) => {
      unsaid(history, receipts[0] as Receipt)
    }),
    'who heard a message is not told of its deletion': ofMessage(3, ({ receipts }, history) => {
      unsaid(history, receipts.at(-1) as Receipt)
    }),
    'an edit comes before the message': ofMessage(1, ({ receipts }) => {
      for (const receipt of at(receipts, 'desk')) receipt.sequence = 0.5
    }),
    'an edit comes as two deliveries': ofMessage(1, ({ receipts: [receipt] }, { receipts }) => {
      if (receipt) receipts.push({ ...receipt, id: 'twice', sequence: receipt.sequence + 0.5 })
    }),
    'edits come to one listener in another order': ofMessage(1, ({ receipts }) => swap(at(receipts, 'iva'))),
    'edits come in another order than their calls': ofMessage(1, ({ receipts }) => {
      for (const listener of ['iva', 'desk', 'observer']) swap(at(receipts, listener))
    }),
    'an edit is told of that was refused': ofMessage(1, ({ corrections: [first] }) => {
      if (first) first.isTaken = false
    }),
    'a message is edited after its deletion': ofMessage(3, ({ receipts, corrections }) => {
      for (const listener of ['iva', 'desk', 'observer']) swap(at(receipts, listener))
      for (const one of corrections) one.answeredAt = Number.POSITIVE_INFINITY
    }),
  },
  said: {
    'a message says what an edit before the last one said': ofUser((user, { stored }) => {
      for (const one of stored.messages) if (one.token === `${user}-m1`) one.says = `${user}-m1.0`
    }),
    'a message says what no edit said': ofRow('messages', 2, { says: 'another' }),
    'a message that was deleted says something': ofRow('messages', 3, { says: 'something' }),
    'a message is deleted that its author did not delete': ofRow('messages', 2, { says: null }),
    'the API shows what a message said before its edit': ofUser((user, { transcripts }) => {
      for (const one of transcripts) if (one.user === user && one.messageId === 1) one.says = `${user}-m1`
    }),
    'the API shows what was deleted': ofRow('transcripts', 3, { says: 'something' }),
    'the API shows what a deleted message said at first': ofRow('transcripts', 3, { original: 'something' }),
    'the API does not know what an edited message said at first': ofRow('transcripts', 1, { original: null }),
    'the API does not show that a message was edited': ofRow('transcripts', 1, { isEdited: false }),
    'a file of a message that was deleted is left': ofUser((user, { stored }) => {
      stored.inStore.push({ id: `${user}-taken-back`, sha256: `bytes of ${user}` })
      stored.strays.push(`${user}-taken-back`)
    }),
    'the API leaves out a message': ofUser((user, { transcripts }) => {
      without(transcripts, (one) => one.user === user && one.messageId === 1)
    }),
  },
  rated: {
    'a rating is lost': ofUser((user, history) => {
      Object.assign(rowOf(history, user, 1) ?? {}, { rating: null })
    }),
    'a rating stands after the next one': ofUser((user, history) => {
      Object.assign(rowOf(history, user, 1) ?? {}, { rating: `${user}-first` })
    }),
    'a rating stands with another conversation': ofUser((user, history) => {
      Object.assign(rowOf(history, user, 2) ?? {}, { rating: `${user}-last` })
    }),
    'a rating is not told': ofRating('last', (receipts, history) => {
      for (const receipt of receipts) unsaid(history, receipt)
    }),
    'a rating is not told to who held the conversation': ofRating('first', (receipts, history) => {
      unsaid(history, at(receipts, 'desk')[0] as Receipt)
    }),
    'a rating is not told to the observer': ofRating('first', (receipts, history) => {
      unsaid(history, at(receipts, 'observer')[0] as Receipt)
    }),
    'a rating is told to who did not hold the conversation': ofUser((user, history) => {
      Object.assign(rowOf(history, user, 1) ?? {}, { heldBy: ['iva'] })
    }),
    'a rating is told twice': ofRating('last', ([receipt], { receipts }) => {
      if (receipt) receipts.push({ ...receipt, id: 'twice', sequence: receipt.sequence + 0.5 })
    }),
    'a rating goes to another conversation than it names': ofRating('first', (receipts) => {
      for (const receipt of receipts) receipt.conversation = 2
    }),
    'a rating without a number goes to a conversation before the last': ofRating('last', (receipts) => {
      for (const receipt of receipts) receipt.conversation = 0
    }),
    'a rating is told that was refused': ofUser((user, { ratings }) => {
      for (const one of ratings) if (one.token === `${user}-last`) one.isTaken = false
    }),
  },
  outcome: {
    'an outcome is lost': ofUser((user, history) => {
      Object.assign(rowOf(history, user, 1) ?? {}, { token: null })
    }),
    'a conversation that was ended is open': ofUser((user, history) => {
      Object.assign(rowOf(history, user, 1) ?? {}, { isClosed: false })
    }),
    'a conversation ends twice': ofUser((user, { completions }) => {
      for (const one of completions) if (one.user === user) one.isTaken = true
    }),
    'an outcome is kept whose call was refused': ofUser((user, history) => {
      Object.assign(rowOf(history, user, 1) ?? {}, { token: `${user}-second` })
    }),
    'an outcome is not passed on': ofUser((user, { receipts }) => {
      for (const one of receipts) if (one.user === user && one.token === `${user}-end`) one.token = null
    }),
    'a conversation has no row': ofUser((user, { stored }) => {
      without(stored.conversations, (row) => row.user === user && row.conversation === 2)
    }),
    'a number is missing among conversations': ofUser((user, { stored }) => {
      without(stored.conversations, (row) => row.user === user && row.conversation === 1)
    }),
    'a conversation that is over has an owner': ofUser((user, history) => {
      Object.assign(rowOf(history, user, 1) ?? {}, { present: 1 })
    }),
  },
  file: {
    'a file that was answered is gone': ofUser((user, { stored }, random) => {
      const id = `${user}-${random.pick(['file', 'unnamed'])}`
      without(stored.inStore, (file) => file.id === id)
    }),
    'a file has other bytes': ofUser((user, { stored }) => {
      for (const file of stored.inStore) if (file.id === `${user}-file`) file.sha256 = 'other'
    }),
    'a file has no row': ofUser((user, { stored }) => {
      stored.attachments = stored.attachments.filter((id) => id !== `${user}-unnamed`)
    }),
    'a message names a file that is not there': ofUser((user, { receipts }) => {
      const receipt = receipts.find((one) => one.user === user && one.messageId !== null) as Receipt
      receipt.files = [{ id: 'nowhere', sha256: 'none' }]
    }),
    'a listener that hears of a file cannot have it': ofUser((user, { downloads }) => {
      for (const one of downloads) if (one.user === user) Object.assign(one, { status: 404, sha256: null })
    }),
    'a listener is given other bytes': ofUser((user, { downloads }) => {
      for (const one of downloads) if (one.user === user) one.sha256 = 'other'
    }),
  },
  stray: {
    'a file lies in the store of which nothing is known': ofUser((user, { stored }) => {
      stored.strays = stored.strays.filter((id) => id !== `${user}-stray`)
    }),
  },
  erasure: {
    'a file of an erased user lies in the store': ({ stored }) => {
      stored.inStore.push({ id: `${ERASED}-file`, sha256: `bytes of ${ERASED}` })
      stored.strays.push(`${ERASED}-file`)
    },
  },
}
