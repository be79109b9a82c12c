import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { TractPlatform, UploadedAttachment } from '@tract/client/platform'
import { Command } from 'commander'
import { usage } from '../exit.js'
import type { Bind } from '../session.js'

export function attachCommand(bind: Bind): Command {
  const command = new Command('attach')
    .description(
      'Uploads a file for a message to name, and says its id and URL. It goes after a day without a message.',
    )
    .argument('<file>', 'where the file is')
  bind(command, async (session, [file = '']) => {
    const { tract } = await session.connect()
    const kept = await uploadFile(tract, file)
    session.output.result(kept, () => session.output.fields({ ...kept }))
  })
  return command
}

/** Sends the file as it is read. */
export async function uploadFile({ attachments }: TractPlatform, path: string): Promise<UploadedAttachment> {
  const found = await stat(path).catch((error: Error) => {
    throw usage(`The file cannot be read: ${error.message}`)
  })
  if (!found.isFile()) throw usage(`${path} is no file.`)
  return attachments.upload(createReadStream(path), { name: basename(path) })
}
