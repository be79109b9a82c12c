import { text } from '@tract/client'
import type { TractPlatform } from '@tract/client/platform'
import { type HookHandlers, toPlainText } from '@tract/client/webhooks'
import { closedDesk, type Desk, deskIsToldTo, inVain, replyTo, whichDesk, whoIsThere } from './assistant-replies.js'
import { availabilityFrom, placeInQueue } from './desk-words.js'
import { noted, unlessTooLate } from './party.js'

/** As much of what the user wrote as the desk is told. */
const SUMMARY_CHARACTERS = 1_000

type Element = Parameters<TractPlatform['platformMessages']['send']>[0]['message_body']

/**
 * The virtual assistant: answers while it is in control, and offers the thread to a desk where a person is asked for. It stays with
 * the user until the desk accepts, and says what became of the offer.
 */
export function assistant(tract: TractPlatform, site: string): HookHandlers {
  // a key makes a call safe to repeat, should the same delivery come again
  const say = (user_id: string, message_body: Element, key: string) =>
    tract.platformMessages.send({ user_id, sender: 'iva', message_body }, { idempotencyKey: key })
  const asking = new Asking(tract, say)
  return {
    'conversation_state.bot': noted,
    'conversation_state.incomplete': noted,
    'conversation_state.pinned': noted,
    'conversation_state.complete': noted,
    'aeu_events.allocated': noted,
    'thread_control.returned': noted,
    'thread_control.offered': noted,
    'thread_control.accepted': noted,

    'message.receive': async ({ user_id, sender, message_body, in_control, history }, { id, test }) => {
      if (sender !== 'ceu' || !in_control || history || test) return
      await unlessTooLate(answer(user_id, toPlainText(message_body), id))
    },
    'aeu_events.queued': async ({ user_id, metadata }, { id, test }) => {
      if (test || metadata?.position === undefined) return
      const place = placeInQueue(metadata.position, metadata.estimated_wait_seconds)
      await unlessTooLate(say(user_id, text(place), `${id}-place`))
    },
    'thread_control.declined': async ({ user_id, metadata }, { id, test }) => {
      if (test || metadata?.offer_number === undefined || metadata.next !== undefined) return
      const why = metadata.reason ? `: ${metadata.reason}` : ''
      await unlessTooLate(say(user_id, inVain(`No agent can take it now${why}.`), `${id}-declined`))
    },
    'thread_control.expired': async ({ user_id, metadata }, { id, test }) => {
      if (test || metadata?.offer_number === undefined || metadata.next !== undefined) return
      await unlessTooLate(say(user_id, inVain('No agent answered in time.'), `${id}-expired`))
    },
  }

  async function answer(user_id: string, said: string, id: string): Promise<void> {
    if (availabilityFrom(said, new Date())) return void (await say(user_id, deskIsToldTo(said), `${id}-told`))
    const reply = replyTo(said, site)
    if (reply) return void (await say(user_id, reply, `${id}-answer`))

    const desks = (await tract.threads.listeners({ user_id })).listeners.filter(
      ({ kind }) => kind === 'ect' || kind === 'sac',
    )
    if (/^is a person there\b/i.test(said)) return void (await say(user_id, whoIsThere(desks), `${id}-who`))
    const [, verb, name] = /^(talk to|wait at) (.+)$/i.exec(said.trim()) ?? []
    const named = desks.find((desk) => desk.name.toLowerCase() === name?.toLowerCase())
    const desk = named ?? (desks.length === 1 ? desks[0] : undefined)
    if (!desk) return void (await say(user_id, whichDesk(desks.map(({ name }) => name)), `${id}-choice`))
    const isPatient = verb?.toLowerCase() === 'wait at'
    await asking[isPatient ? 'toWait' : 'anAgent'](desk, { user_id, said, id })
  }
}

/** What the user said that a person is needed for, and the delivery that brought it. */
interface Wish {
  user_id: string
  said: string
  id: string
}

class Asking {
  constructor(
    private readonly tract: TractPlatform,
    private readonly say: (userId: string, element: Element, key: string) => Promise<unknown>,
  ) {}

  /** The desk is offered the thread. */
  async anAgent(desk: Desk, wish: Wish): Promise<void> {
    const { user_id, id } = wish
    await this.say(
      user_id,
      text(`I ask ${desk.name} for an agent, and stay with you until one is there.`),
      `${id}-asking`,
    )
    const offered = await this.tract.threads.offer(termsOf(desk, wish), { idempotencyKey: `${id}-offer` })
    if (offered.success) return
    const { reason } = offered
    if (reason.code === 'receiver_closed') await this.say(user_id, closedDesk(desk, reason.reopens_at), `${id}-closed`)
    // a tool that knows nothing of offers
    else if (reason.code === 'receiver_not_allowed') await this.#pass(desk, wish)
    else await this.#refused(wish, reason.message)
  }

  /** The desk gets the thread, and the user a place in its queue. */
  async toWait(desk: Desk, wish: Wish): Promise<void> {
    await this.say(wish.user_id, text(`${desk.name} has your words, and answers when it can.`), `${wish.id}-waiting`)
    await this.#pass(desk, wish, { when_closed: 'wait' })
  }

  async #pass(desk: Desk, wish: Wish, terms: { when_closed?: 'wait' } = {}): Promise<void> {
    const pass = { ...termsOf(desk, wish), ...terms }
    const passed = await this.tract.threads.pass(pass, { idempotencyKey: `${wish.id}-pass` })
    if (!passed.success) await this.#refused(wish, passed.reason.message)
  }

  async #refused({ user_id, id }: Wish, why: string): Promise<void> {
    await this.say(user_id, text(`That did not work: ${why}`), `${id}-refused`)
  }
}

function termsOf({ id: receiver }: Desk, { user_id, said }: Wish) {
  const summary = `The user wrote: ${[...said].slice(0, SUMMARY_CHARACTERS).join('')}`
  return { user_id, receiver, context: { reason: 'asked_for_a_person', summary } }
}
