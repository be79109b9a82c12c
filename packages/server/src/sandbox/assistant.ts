import { text } from '@tract/client'
import type { TractPlatform } from '@tract/client/platform'
import { type HookHandlers, toPlainText } from '@tract/client/webhooks'
import { replyTo, whichDesk } from './assistant-replies.js'
import { noted, unlessTooLate } from './party.js'

const ITSELF = 'iva'

/** The virtual assistant: answers while it is in control, and passes the thread to a desk where a person is asked for. */
export function assistant(tract: TractPlatform, site: string): HookHandlers {
  return {
    'conversation_state.bot': noted,
    'conversation_state.incomplete': noted,
    'conversation_state.pinned': noted,
    'conversation_state.complete': noted,
    'aeu_events.allocated': noted,
    'thread_control.returned': noted,
    'thread_control.offered': noted,

    'message.receive': async ({ user_id, sender, message_body, in_control, history }, { id, test }) => {
      if (sender !== 'ceu' || !in_control || history || test) return
      const said = toPlainText(message_body)
      await unlessTooLate(answer(user_id, said, id))
    },
  }

  async function answer(user_id: string, said: string, id: string): Promise<void> {
    // a key makes a call safe to repeat, should the same delivery come again
    const say = (message_body: Parameters<typeof tract.platformMessages.send>[0]['message_body'], what: string) =>
      tract.platformMessages.send({ user_id, sender: 'iva', message_body }, { idempotencyKey: `${id}-${what}` })

    const reply = replyTo(said, site)
    if (reply) return void (await say(reply, 'answer'))

    const desks = (await tract.threads.listeners({ user_id })).listeners.filter(
      ({ kind }) => kind === 'ect' || kind === 'sac',
    )
    const wanted = desks.find(({ name }) => said.toLowerCase() === `talk to ${name.toLowerCase()}`)
    const desk = wanted ?? (desks.length === 1 ? desks[0] : undefined)
    if (!desk) return void (await say(whichDesk(desks.map(({ name }) => name)), 'choice'))

    await say(text(`I am passing you to ${desk.name}.`), 'farewell')
    const pass = { user_id, requester: ITSELF, receiver: desk.id }
    const { success, reason } = await tract.threads.pass(pass, { idempotencyKey: `${id}-pass` })
    if (!success) await say(text(`That did not work: ${reason.message}`), 'refused')
  }
}
