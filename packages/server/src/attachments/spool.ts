import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'

export interface Spooled {
  size: number
  /** In hexadecimal. */
  sha256: string
}

/** Writes a stream to a new file, and has the disk keep it. */
export async function spool(source: Readable, path: string, signal: AbortSignal): Promise<Spooled> {
  const hash = createHash('sha256')
  let size = 0
  const giveUp = () => source.destroy()
  signal.addEventListener('abort', giveUp)
  const file = await open(path, 'wx', 0o600)
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      hash.update(chunk)
      size += chunk.length
      // from where it stands: the next one follows
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    signal.removeEventListener('abort', giveUp)
    await file.close()
  }
  return { size, sha256: hash.digest('hex') }
}
