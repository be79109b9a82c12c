/** Takes a file out: what comes is written as it comes, no faster than it is taken. */
import { once } from 'node:events'
import { type Command, Option } from 'commander'
import { toTerminal } from './output.js'
import type { Session } from './session.js'

export interface ExportOptions {
  organisation: string
  format?: 'csv' | 'ndjson'
}

export const takesOrganisation = (command: Command): Command =>
  command.requiredOption('--organisation <id>', 'whose they are')

export const takesFormat = (command: Command): Command =>
  command.addOption(new Option('--format <format>', 'as what').choices(['csv', 'ndjson']).default('csv'))

/** To a terminal, what a stranger wrote goes as harmless text. */
export async function writeOut({ io: { stdout } }: Session, stream: ReadableStream<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const text = decoder.decode(piece.value, { stream: true })
    if (!stdout.write(stdout.isTTY ? toTerminal(text.replaceAll('\r\n', '\n')) : text)) await once(stdout, 'drain')
  }
}
