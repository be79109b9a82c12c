import type { Invariant } from '../check/violation.js'
import type { History, Receipt, StoredDelivery } from '../history/history.js'
import type { Random } from '../random.js'
import { MOVED_AT, PORTS } from './right-history.js'

/** A way in which a history can be wrong, and the promise that it breaks. */
export interface Wrong {
  name: string
  breaks: Invariant
  damage: (history: History, random: Random) => void
}

/** Behind which no more than one follows in its lane. */
function lastDelivery(history: History, random: Random): { receipt: Receipt; delivery: StoredDelivery } {
  const last = Math.max(...history.receipts.map(({ sequence }) => sequence))
  return pickDelivery(history, random, ({ sequence }) => sequence === last - 1)
}

/** In the middle of its lane. */
const middleDelivery = (history: History, random: Random) =>
  pickDelivery(history, random, ({ sequence }) => sequence === 4 || sequence === 5)

function pickDelivery(history: History, random: Random, fits: (receipt: Receipt) => boolean) {
  const candidates = history.receipts.filter(
    (receipt) => receipt.user !== 'erased' && receipt.outcome === 'acknowledged' && fits(receipt),
  )
  const receipt = random.pick(candidates)
  const delivery = history.stored.deliveries.find(({ id }) => id === receipt.id)
  if (delivery === undefined) throw new Error(`${receipt.id} is not stored`)
  return { receipt, delivery }
}

const answeredSend = ({ sends }: History, random: Random) =>
  random.pick(sends.filter(({ user, answers }) => user !== 'erased' && answers.length > 0))

function without<T>(list: T[], unwanted: (item: T) => boolean): void {
  for (let index = list.length - 1; index >= 0; index--) if (unwanted(list[index] as T)) list.splice(index, 1)
}

/** Comes again, at a time at which nothing was lost. */
const again = (history: History, receipt: Receipt, changes: Partial<Receipt> = {}) =>
  history.receipts.push({ ...receipt, at: receipt.endedAt + 100, endedAt: receipt.endedAt + 120, ...changes })

export const WRONGS: readonly Wrong[] = [
  {
    name: 'an answered message is not stored',
    breaks: 'kept',
    damage: (history, random) => {
      const { token } = answeredSend(history, random)
      without(history.stored.messages, (message) => message.token === token)
    },
  },
  {
    name: 'a message is stored under another number than was answered',
    breaks: 'kept',
    damage: (history, random) => {
      const [answer] = answeredSend(history, random).answers
      if (answer) answer.messageId = 1_000
    },
  },
  {
    name: 'a message is delivered that is not stored',
    breaks: 'kept',
    damage: (history, random) => {
      const send = random.pick(history.sends.filter(({ user }) => user !== 'erased'))
      send.answers = []
      without(history.stored.messages, ({ token }) => token === send.token)
    },
  },
  {
    name: 'a message is stored twice',
    breaks: 'single',
    damage: ({ stored }, random) => {
      stored.messages.push({ ...random.pick(stored.messages), messageId: 13 })
    },
  },
  {
    name: 'a repeated call is answered with another number',
    breaks: 'single',
    damage: (history, random) => {
      const { answers } = answeredSend(history, random)
      answers.push({ at: (answers[0]?.at ?? 0) + 30, status: 200, messageId: 1_000 })
    },
  },
  {
    name: 'a message comes to one listener as two deliveries',
    breaks: 'single',
    damage: (history, random) => {
      const { receipt } = lastDelivery(history, random)
      again(history, receipt, { id: 'another', sequence: receipt.sequence + 10, at: 200_000, endedAt: 200_020 })
    },
  },
  {
    name: 'a message has another number at one listener',
    breaks: 'single',
    damage: (history, random) => {
      middleDelivery(history, random).receipt.messageId = 1_000
    },
  },
  {
    name: 'a listener that is to hear a message never does',
    breaks: 'arrives',
    damage: (history, random) => {
      const { receipt } = lastDelivery(history, random)
      // as if nothing had been enqueued for it
      const isOf = ({ id, listener, user }: { id: string; listener: string; user: string }) =>
        id === receipt.id || (listener === receipt.listener && user === receipt.user && isAfter(id))
      const isAfter = (id: string) => history.receipts.some((r) => r.id === id && r.sequence > receipt.sequence)
      const gone = new Set(history.stored.deliveries.filter(isOf).map(({ id }) => id))
      without(history.receipts, ({ id }) => gone.has(id))
      without(history.stored.deliveries, ({ id }) => gone.has(id))
      const lane = history.stored.lanes.find(
        ({ listener, user }) => listener === receipt.listener && user === receipt.user,
      )
      if (lane) lane.head = lane.tail = receipt.sequence - 1
    },
  },
  {
    name: 'a delivery counts as delivered that nobody acknowledged',
    breaks: 'arrives',
    damage: (history, random) => {
      const { receipt } = middleDelivery(history, random)
      for (const one of history.receipts) if (one.id === receipt.id) one.outcome = 'failed'
    },
  },
  {
    name: 'a delivery is given up after less than five refusals',
    breaks: 'arrives',
    damage: (history, random) => {
      const { receipt, delivery } = lastDelivery(history, random)
      delivery.state = 'undeliverable'
      for (const one of history.receipts) if (one.id === receipt.id) one.outcome = 'refused'
    },
  },
  {
    name: 'a delivery is still pending at the end',
    breaks: 'arrives',
    damage: (history, random) => {
      lastDelivery(history, random).delivery.state = 'pending'
    },
  },
  {
    name: 'a number is missing among the messages of a user',
    breaks: 'numbering',
    damage: ({ stored }, random) => {
      const { user } = random.pick(stored.messages)
      for (const message of stored.messages) if (message.user === user && message.messageId > 6) message.messageId++
    },
  },
  {
    name: 'a message got a lower number than one that was answered before it was sent',
    breaks: 'numbering',
    damage: ({ sends }, random) => {
      const { user } = random.pick(sends.filter((send) => send.user !== 'erased'))
      const answered = sends.filter((send) => send.user === user && send.answers.length > 0)
      const [one, other] = [answered[1]?.answers[0], answered[2]?.answers[0]]
      if (one && other) [one.messageId, other.messageId] = [other.messageId, one.messageId]
    },
  },
  {
    name: 'a lane leaves out a delivery',
    breaks: 'gap',
    damage: (history, random) => {
      const { receipt } = middleDelivery(history, random)
      without(history.receipts, ({ id }) => id === receipt.id)
    },
  },
  {
    name: 'a lane begins in the middle',
    breaks: 'gap',
    damage: (history, random) => {
      const { listener, user } = middleDelivery(history, random).receipt
      without(history.receipts, (one) => one.listener === listener && one.user === user && one.sequence === 1)
    },
  },
  {
    name: 'a delivery goes out while the one before is under way',
    breaks: 'order',
    damage: (history, random) => {
      const { receipt } = middleDelivery(history, random)
      const next = history.receipts.find(
        ({ listener, user, sequence }) =>
          listener === receipt.listener && user === receipt.user && sequence === receipt.sequence + 1,
      )
      const acknowledged = history.receipts.filter(({ id, outcome }) => id === receipt.id && outcome === 'acknowledged')
      for (const one of acknowledged) one.endedAt = (next?.at ?? 0) + 5
    },
  },
  {
    name: 'a delivery overtakes the one before',
    breaks: 'order',
    damage: (history, random) => {
      const { listener, user } = middleDelivery(history, random).receipt
      const of = (wanted: number) =>
        history.receipts.filter((one) => one.listener === listener && one.user === user && one.sequence === wanted)
      const [before, after] = [of(4), of(5)]
      const late = (after.at(-1)?.endedAt ?? 0) + 100
      for (const receipt of before) receipt.endedAt += late - receipt.at
      for (const receipt of before) receipt.at = late
    },
  },
  {
    name: 'a message comes after one with a higher number',
    breaks: 'order',
    damage: (history, random) => {
      const { receipt } = middleDelivery(history, random)
      for (const one of history.receipts) if (one.token === receipt.token) one.messageId = 1
    },
  },
  {
    name: 'a delivery names the wrong one before it',
    breaks: 'chain',
    damage: (history, random) => {
      const { receipt } = middleDelivery(history, random)
      for (const one of history.receipts) if (one.id === receipt.id) one.previousId = 'somebody'
    },
  },
  {
    name: 'the first delivery of a lane names one before it',
    breaks: 'chain',
    damage: (history, random) => {
      const { id } = random.pick(history.receipts.filter(({ sequence }) => sequence === 1))
      for (const one of history.receipts) if (one.id === id) one.previousId = 'somebody'
    },
  },
  {
    name: 'a repetition has other bytes',
    breaks: 'same',
    damage: (history, random) => {
      again(history, middleDelivery(history, random).receipt, { bodyHash: 'other' })
    },
  },
  {
    name: 'a repetition has another id',
    breaks: 'same',
    damage: (history, random) => {
      again(history, middleDelivery(history, random).receipt, { id: 'another' })
    },
  },
  {
    name: 'an id stands at two places',
    breaks: 'same',
    damage: (history, random) => {
      again(history, middleDelivery(history, random).receipt, { listener: 'somebody' })
    },
  },
  {
    name: 'a delivery is repeated though nothing was lost',
    breaks: 'repetition',
    damage: (history, random) => {
      again(history, middleDelivery(history, random).receipt)
    },
  },
  {
    name: 'a delivery is repeated that one process acknowledged when another one died',
    breaks: 'repetition',
    damage: (history, random) => {
      const { receipt } = middleDelivery(history, random)
      const from = receipt.endedAt + 5
      history.losses.push({ kind: 'death', process: ((receipt.process ?? 0) + 1) % 3, from, to: from })
      again(history, receipt)
    },
  },
  {
    name: 'a delivery is repeated long after its acknowledgement was written, when its process died',
    breaks: 'repetition',
    damage: (history, random) => {
      const { receipt } = middleDelivery(history, random)
      const from = receipt.endedAt + 3_000
      history.losses.push({ kind: 'death', process: receipt.process, from, to: from })
      again(history, receipt, { at: from + 1_000, endedAt: from + 1_020 })
    },
  },
  {
    name: 'a delivery is repeated that was acknowledged to a process, when the one before it had died',
    breaks: 'repetition',
    damage: (history, random) => {
      const { receipt } = middleDelivery(history, random)
      history.losses.push({ kind: 'death', process: receipt.process, from: receipt.at - 500, to: receipt.at - 5 })
      again(history, receipt)
    },
  },
  {
    name: 'two attempts of a delivery are under way at once',
    breaks: 'at_once',
    damage: (history, random) => {
      const { receipt } = middleDelivery(history, random)
      again(history, receipt, { at: receipt.at + 5, endedAt: receipt.endedAt + 5 })
    },
  },
  {
    name: 'a delivery is signed with a secret that was replaced long ago',
    breaks: 'signature',
    damage: ({ receipts }, random) => {
      random.pick(receipts.filter(({ at }) => at > MOVED_AT + 10_000)).signedBy = [1]
    },
  },
  {
    name: 'a delivery has no second signature while the secret rotates',
    breaks: 'signature',
    damage: ({ receipts }, random) => {
      random.pick(receipts.filter(({ at }) => at > MOVED_AT + 10_000)).signedBy = [2]
    },
  },
  {
    name: 'a delivery is signed with what nobody knows',
    breaks: 'signature',
    damage: ({ receipts }, random) => {
      random.pick(receipts).signedBy = []
    },
  },
  {
    name: 'a delivery goes to where the hook was long before',
    breaks: 'signature',
    damage: ({ receipts }, random) => {
      random.pick(receipts.filter(({ at }) => at > MOVED_AT + 10_000)).port = PORTS[0]
    },
  },
  {
    name: 'a delivery goes to a hook that is disabled',
    breaks: 'signature',
    damage: ({ hooks }, random) => {
      const states = random.pick(Object.values(hooks))
      states.push({ port: PORTS[1], status: 'disabled', version: 2, from: MOVED_AT + 100, answeredAt: MOVED_AT + 120 })
    },
  },
  {
    name: 'a lane is not empty at the end',
    breaks: 'end',
    damage: ({ stored }, random) => {
      random.pick(stored.lanes).head--
    },
  },
  {
    name: 'a lane says that it has more than it has',
    breaks: 'end',
    damage: ({ stored }, random) => {
      const lane = random.pick(stored.lanes)
      lane.head = ++lane.tail
    },
  },
  {
    name: 'the last attempt of what was delivered is kept as a failure',
    breaks: 'end',
    damage: (history, random) => {
      middleDelivery(history, random).delivery.acknowledged = false
    },
  },
  {
    name: 'something was delivered that is not stored',
    breaks: 'end',
    damage: (history, random) => {
      const { receipt } = lastDelivery(history, random)
      without(history.stored.deliveries, ({ id }) => id === receipt.id)
    },
  },
  {
    name: 'control is taken from a desk for time in which no process ran',
    breaks: 'charge',
    damage: (history, random) => {
      const { receipt } = lastDelivery(history, random)
      history.losses = []
      history.receipts = history.receipts.filter(
        ({ user, sequence }) => user !== receipt.user || sequence <= receipt.sequence,
      )
      const since = Math.max(
        ...history.receipts
          .filter(({ user, listener }) => user === receipt.user && listener === 'desk')
          .map((r) => r.endedAt),
      )
      history.outages = [{ from: since + 1_000, to: since + 97_000 }]
      const at = since + 98_000
      history.receipts.push({
        ...receipt,
        listener: 'iva',
        hook: 'thread_control/returned',
        id: 'returned',
        at,
        endedAt: at,
      })
    },
  },
  {
    name: 'rows of an erased user are left',
    breaks: 'erasure',
    damage: ({ stored }) => {
      stored.remains = 1
    },
  },
  {
    name: 'a delivery of an erased user goes out',
    breaks: 'erasure',
    damage: (history) => {
      const receipt = history.receipts.findLast(({ user }) => user === 'erased') as Receipt
      const at = (history.erasures[0]?.answeredAt ?? 0) + 10_000
      again(history, receipt, { id: 'late', sequence: 13, messageId: 13, previousId: receipt.id, at, endedAt: at + 20 })
    },
  },
  {
    name: 'a head without end is read without end',
    breaks: 'bounded',
    damage: (history, random) => {
      random.pick(history.receipts).poured = 100_000_000
    },
  },
  {
    name: 'what came of an attempt could not be written',
    breaks: 'written',
    damage: ({ stored }, random) => {
      const { listener, id } = random.pick(stored.deliveries)
      stored.unwritten.push({ listener, deliveryId: id, error: '22021', count: 1 })
    },
  },
  {
    name: 'a user’s message is refused',
    breaks: 'refusal',
    damage: (history, random) => {
      answeredSend(history, random).answers = [{ at: 100_000, status: 404, messageId: null }]
    },
  },
]
