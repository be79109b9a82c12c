import type { Invariant } from '../check/violation.js'
import type { History, Receipt, StoredDelivery } from '../history/history.js'
import type { Random } from '../random.js'
import { MOVED_AT, PORTS } from './right-history.js'

/** Makes a right history wrong in one way. */
export type Damage = (history: History, random: Random) => void

/** Damages a delivery in the middle of its lane. */
const middle =
  (damage: (receipt: Receipt, history: History, delivery: StoredDelivery) => void): Damage =>
  (history, random) =>
    ofDelivery(history, random, [4, 5], damage)

/** Damages a delivery behind which one more follows in its lane. */
const last =
  (damage: (receipt: Receipt, history: History, delivery: StoredDelivery) => void): Damage =>
  (history, random) => {
    const highest = Math.max(...history.receipts.map(({ sequence }) => sequence))
    ofDelivery(history, random, [highest - 1], damage)
  }

function ofDelivery(
  history: History,
  random: Random,
  sequences: number[],
  damage: (receipt: Receipt, history: History, delivery: StoredDelivery) => void,
): void {
  const receipt = random.pick(
    history.receipts.filter(
      ({ user, outcome, sequence }) => user !== 'erased' && outcome === 'acknowledged' && sequences.includes(sequence),
    ),
  )
  const delivery = history.stored.deliveries.find(({ id }) => id === receipt.id)
  if (delivery === undefined) throw new Error(`${receipt.id} is not stored`)
  damage(receipt, history, delivery)
}

const answeredSend = ({ sends }: History, random: Random) =>
  random.pick(sends.filter(({ user, answers }) => user !== 'erased' && answers.length > 0))

export function without<T>(list: T[], unwanted: (item: T) => boolean): void {
  for (let index = list.length - 1; index >= 0; index--) if (unwanted(list[index] as T)) list.splice(index, 1)
}

/** Every receipt of the same delivery. */
const allOf = ({ receipts }: History, { id }: Receipt) => receipts.filter((one) => one.id === id)

const sameLane =
  ({ listener, user }: Receipt) =>
  (one: { listener: string; user: string }) =>
    one.listener === listener && one.user === user

/** Comes again at a time at which nothing was lost. */
const again = (history: History, receipt: Receipt, changes: Partial<Receipt> = {}) =>
  history.receipts.push({ ...receipt, at: receipt.endedAt + 100, endedAt: receipt.endedAt + 120, ...changes })

const afterMove = ({ receipts }: History, random: Random) =>
  random.pick(receipts.filter(({ at }) => at > MOVED_AT + 10_000))

/** The ways in which a history can be wrong, by the promise that each breaks. */
export const WRONGS: Partial<Record<Invariant, Readonly<Record<string, Damage>>>> = {
  kept: {
    'an answered message is not stored': (history, random) => {
      const { token } = answeredSend(history, random)
      without(history.stored.messages, (message) => message.token === token)
    },
    'a message is stored under another number than was answered': (history, random) => {
      for (const answer of answeredSend(history, random).answers.slice(0, 1)) answer.messageId = 1_000
    },
    'a message is delivered that is not stored': (history, random) => {
      const send = random.pick(history.sends.filter(({ user }) => user !== 'erased'))
      send.answers = []
      without(history.stored.messages, ({ token }) => token === send.token)
    },
  },
  single: {
    'a message is stored twice': ({ stored }, random) => {
      stored.messages.push({ ...random.pick(stored.messages), messageId: 13 })
    },
    'a repeated call is answered with another number': (history, random) => {
      const { answers } = answeredSend(history, random)
      answers.push({ at: (answers[0]?.at ?? 0) + 30, status: 200, messageId: 1_000 })
    },
    'a message comes to one listener as two deliveries': last((receipt, history) => {
      again(history, receipt, { id: 'another', sequence: receipt.sequence + 10, at: 200_000, endedAt: 200_020 })
    }),
    'a message has another number at one listener': middle((receipt) => {
      receipt.messageId = 1_000
    }),
  },
  arrives: {
    // As if nothing had been enqueued for it.
    'a listener that is to hear a message never does': last((receipt, { receipts, stored }) => {
      const isMissing = (one: { listener: string; user: string; sequence: number }) =>
        sameLane(receipt)(one) && one.sequence >= receipt.sequence
      without(receipts, isMissing)
      without(stored.deliveries, isMissing)
      const lane = stored.lanes.find(sameLane(receipt))
      if (lane) lane.head = lane.tail = receipt.sequence - 1
    }),
    'a delivery counts as delivered that was never acknowledged': middle((receipt, history) => {
      for (const one of allOf(history, receipt)) one.outcome = 'failed'
    }),
    'a delivery is given up after less than five refusals': last((receipt, history, delivery) => {
      delivery.state = 'undeliverable'
      for (const one of allOf(history, receipt)) one.outcome = 'refused'
    }),
    'a delivery is still pending at the end': last((_receipt, _history, delivery) => {
      delivery.state = 'pending'
    }),
  },
  numbering: {
    'a number is missing among the messages of a user': ({ stored }, random) => {
      const { user } = random.pick(stored.messages)
      for (const message of stored.messages) if (message.user === user && message.messageId > 6) message.messageId++
    },
    'a message got a lower number than one that was answered before it was sent': ({ sends }, random) => {
      const { user } = random.pick(sends.filter((send) => send.user !== 'erased'))
      const answered = sends.filter((send) => send.user === user && send.answers.length > 0)
      const [one, other] = [answered[1]?.answers[0], answered[2]?.answers[0]]
      if (one && other) [one.messageId, other.messageId] = [other.messageId, one.messageId]
    },
  },
  gap: {
    'a lane leaves out a delivery': middle(({ id }, { receipts }) => without(receipts, (one) => one.id === id)),
    'a lane begins in the middle': middle((receipt, { receipts }) =>
      without(receipts, (one) => sameLane(receipt)(one) && one.sequence === 1),
    ),
  },
  order: {
    'a delivery goes out while the one before is under way': middle((receipt, history) => {
      const next = history.receipts.find((one) => sameLane(receipt)(one) && one.sequence === receipt.sequence + 1)
      for (const one of allOf(history, receipt)) if (one.outcome === 'acknowledged') one.endedAt = (next?.at ?? 0) + 5
    }),
    'a delivery overtakes the one before': middle((receipt, { receipts }) => {
      const at = (place: number) => receipts.filter((one) => sameLane(receipt)(one) && one.sequence === place)
      const late = (at(5).at(-1)?.endedAt ?? 0) + 100
      for (const one of at(4)) Object.assign(one, { at: late, endedAt: one.endedAt + late - one.at })
    }),
    'a message comes after one with a higher number': middle(({ token }, { receipts }) => {
      for (const one of receipts) if (one.token === token) one.messageId = 1
    }),
  },
  chain: {
    'a delivery names the wrong one before it': middle((receipt, history) => {
      for (const one of allOf(history, receipt)) one.previousId = 'another'
    }),
    'the first delivery of a lane names one before it': (history, random) => {
      const first = random.pick(history.receipts.filter(({ sequence }) => sequence === 1))
      for (const one of allOf(history, first)) one.previousId = 'another'
    },
  },
  same: {
    'a repetition has other bytes': middle((receipt, history) => again(history, receipt, { bodyHash: 'other' })),
    'a repetition has another id': middle((receipt, history) => again(history, receipt, { id: 'another' })),
    'an id stands at two places': middle((receipt, history) => again(history, receipt, { listener: 'another' })),
  },
  repetition: {
    'a delivery is repeated though nothing was lost': middle((receipt, history) => again(history, receipt)),
    'a delivery is repeated that one process acknowledged when another one died': middle((receipt, history) => {
      const from = receipt.endedAt + 5
      history.losses.push({ kind: 'death', process: ((receipt.process ?? 0) + 1) % 3, from, to: from })
      again(history, receipt)
    }),
    'a delivery is repeated long after its acknowledgement was written, when its process died': middle(
      (receipt, history) => {
        const from = receipt.endedAt + 3_000
        history.losses.push({ kind: 'death', process: receipt.process, from, to: from })
        again(history, receipt, { at: from + 1_000, endedAt: from + 1_020 })
      },
    ),
    'a delivery is repeated that was acknowledged to a process, when the one before it had died': middle(
      (receipt, history) => {
        const { process, at } = receipt
        history.losses.push({ kind: 'death', process, from: at - 500, to: at - 5 })
        again(history, receipt)
      },
    ),
  },
  at_once: {
    'two attempts of a delivery are under way at the same time': middle((receipt, history) =>
      again(history, receipt, { at: receipt.at + 5, endedAt: receipt.endedAt + 5 }),
    ),
  },
  signature: {
    'a delivery is signed with a secret that was replaced long ago': (history, random) => {
      afterMove(history, random).signedBy = [1]
    },
    'a delivery has no second signature while the secret rotates': (history, random) => {
      afterMove(history, random).signedBy = [2]
    },
    'a delivery is signed with an unknown secret': ({ receipts }, random) => {
      random.pick(receipts).signedBy = []
    },
    'a delivery goes to where the hook was long before': (history, random) => {
      afterMove(history, random).port = PORTS[0]
    },
    'a delivery goes to a hook that is disabled': ({ hooks }, random) => {
      const states = random.pick(Object.values(hooks))
      states.push({ port: PORTS[1], status: 'disabled', version: 2, from: MOVED_AT + 100, answeredAt: MOVED_AT + 120 })
    },
  },
  end: {
    'a lane is not empty at the end': ({ stored }, random) => {
      random.pick(stored.lanes).head--
    },
    'a lane says that it has more than it has': ({ stored }, random) => {
      const lane = random.pick(stored.lanes)
      lane.head = ++lane.tail
    },
    'the last attempt of what was delivered is kept as a failure': middle((_receipt, _history, delivery) => {
      delivery.acknowledged = false
    }),
    'a delivery came that is not stored': last(({ id }, { stored }) =>
      without(stored.deliveries, (one) => one.id === id),
    ),
  },
  charge: {
    'control is taken from a desk for time in which no process ran': last((receipt, history) => {
      history.losses = []
      without(history.receipts, ({ user, sequence }) => user === receipt.user && sequence > receipt.sequence)
      const ofDesk = history.receipts.filter(({ user, listener }) => user === receipt.user && listener === 'desk')
      const since = Math.max(...ofDesk.map(({ endedAt }) => endedAt))
      history.outages = [{ from: since + 1_000, to: since + 97_000 }]
      const at = since + 98_000
      const returned = { hook: 'thread_control/returned', id: 'returned', at, decidedAt: at, endedAt: at }
      history.receipts.push({ ...receipt, listener: 'iva', ...returned })
    }),
  },
  erasure: {
    'rows of an erased user are left': ({ stored }) => {
      stored.remains = 1
    },
    'a delivery of an erased user goes out': (history) => {
      const receipt = history.receipts.findLast(({ user }) => user === 'erased') as Receipt
      const at = (history.erasures[0]?.answeredAt ?? 0) + 10_000
      again(history, receipt, { id: 'late', sequence: 13, messageId: 13, previousId: receipt.id, at, endedAt: at + 20 })
    },
  },
  bounded: {
    'a head without end is read without end': ({ receipts }, random) => {
      random.pick(receipts).poured = 100_000_000
    },
  },
  written: {
    'the result of an attempt could not be written': ({ stored }, random) => {
      const { listener, id } = random.pick(stored.deliveries)
      stored.unwritten.push({ listener, deliveryId: id, error: '22021', count: 1 })
    },
  },
  refusal: {
    'a user’s message is refused': (history, random) => {
      answeredSend(history, random).answers = [{ at: 100_000, status: 404, messageId: null }]
    },
  },
}
