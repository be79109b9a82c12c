import { text } from '@tract/client'
import { Command, Option } from 'commander'
import { messageOf } from '../message-body.js'
import type { Bind } from '../session.js'
import { uploadFile } from './attach.js'

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
    .option('--conversation <number>', 'only if this conversation is the open one')
    .option('--attach <file...>', 'files that go with it')
  bind<{ sender: Sender; attach?: string[]; text?: boolean; conversation?: string }>(
    command,
    async (
      session,
      [user_id = '', typed = ''],
      { sender, attach = [], text: isText, conversation: conversation_number },
    ) => {
      const { tract } = await session.connect()
      const message_body = isText ? text(typed) : messageOf(typed)
      const attachments: { id: string }[] = []
      for (const file of attach) attachments.push({ id: (await uploadFile(tract, file)).id })
      const more = {
        ...(attachments.length > 0 && { attachments }),
        ...(conversation_number !== undefined && { conversation_number }),
      }
      const accepted =
        sender === 'ect' || sender === 'aeu'
          ? await tract.messages.send({ user_id, message_body, sender, ...more })
          : // the user of a message is made on the fly
            await tract.platformMessages.send({
              user_id,
              message_body,
              sender,
              ...more,
              ...(sender === 'ceu' && { user: {} }),
            })
      session.output.result(accepted, () => session.output.fields(accepted as never))
    },
  )
  return command
}
