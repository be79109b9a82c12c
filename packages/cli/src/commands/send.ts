import { text } from '@tract/client'
import { Command, Option } from 'commander'
import { messageOf } from '../message-body.js'
import type { Bind } from '../session.js'

type Sender = 'ect' | 'aeu' | 'ceu' | 'iva' | 'haptik'

const OF_THE_PLATFORM: readonly Sender[] = ['ceu', 'iva', 'haptik']

export function sendCommand(bind: Bind): Command {
  const command = new Command('send')
    .description('Sends a message to a user’s thread.')
    .argument('<user>', 'the user’s id')
    .argument('<message>', 'text, or an HSL element as JSON, which has a type')
    .addOption(
      new Option('--sender <sender>', 'in whose name; ceu, iva and haptik are the platform’s')
        .choices(['ect', 'aeu', ...OF_THE_PLATFORM])
        .default('ect'),
    )
    .option('--text', 'it is text, also where it could be an element')
  bind<{ sender: Sender; text?: boolean }>(
    command,
    async (session, [user_id = '', typed = ''], { sender, text: isText }) => {
      const { tract } = await session.connect()
      const message_body = isText ? text(typed) : messageOf(typed)
      const accepted =
        sender === 'ect' || sender === 'aeu'
          ? await tract.messages.send({ user_id, message_body, sender })
          : // the user of a message is made on the fly
            await tract.platformMessages.send({ user_id, message_body, sender, ...(sender === 'ceu' && { user: {} }) })
      session.output.result(accepted, () => session.output.fields(accepted as never))
    },
  )
  return command
}
