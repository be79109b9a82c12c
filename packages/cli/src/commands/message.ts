import { Command, InvalidArgumentError } from 'commander'
import { messageOf } from '../message-body.js'
import { plain } from '../output.js'
import type { Bind } from '../session.js'

/** What becomes of a message that the profile's listener sent. */
export function messageCommand(bind: Bind): Command {
  const command = new Command('message').description('Edits or deletes a message that your listener sent.')

  const edit = command
    .command('edit')
    .description('Says something else in its place.')
    .argument('<user>', 'the user’s id')
    .argument('<number>', 'the message, by its message_id', messageId)
    .argument('<message>', 'text, or an HSL element as JSON, which has a type')
    .option('--conversation <number>', 'only if this conversation is the open one')
  bind<{ conversation?: string }>(edit, async (session, [user_id = '', number = '', typed = ''], { conversation }) => {
    const { tract } = await session.connect()
    const message = { user_id, message_id: Number(number), message_body: messageOf(typed), ...meant(conversation) }
    const edited = await tract.messages.edit(message)
    session.output.result(edited, () => session.output.line(plain('edited')))
  })

  const remove = command
    .command('delete')
    .description('Takes it back, with its files.')
    .argument('<user>', 'the user’s id')
    .argument('<number>', 'the message, by its message_id', messageId)
    .option('--reason <reason>', 'why, for who had read it')
    .option('--conversation <number>', 'only if this conversation is the open one')
  bind<{ reason?: string; conversation?: string }>(
    remove,
    async (session, [user_id = '', number = ''], { reason, conversation }) => {
      const { tract } = await session.connect()
      const message = { user_id, message_id: Number(number), ...meant(conversation) }
      const deleted = await tract.messages.delete({ ...message, ...(reason !== undefined && { reason }) })
      session.output.result(deleted, () => session.output.line(plain('deleted')))
    },
  )
  return command
}

const meant = (conversation_number: string | undefined) =>
  conversation_number === undefined ? {} : { conversation_number }

function messageId(text: string): string {
  if (/^[1-9]\d{0,9}$/.test(text) && Number(text) <= 2_147_483_647) return text
  throw new InvalidArgumentError('It has to be the number of a message.')
}
