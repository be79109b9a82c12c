import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { ArrivedFile, BytesRange, FileKey, FileStore } from './file-store.js'

/** Bytes that are read ahead for a caller. */
const READ_AHEAD = 65_536
/** Milliseconds after which a file that is still arriving belongs to a process that has ended: no call takes as long. */
const ABANDONED_MS = 3_600_000

/** Makes the folder of files that are arriving, without those that a process has left there. */
export async function openIncoming(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const before = Date.now() - ABANDONED_MS
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const isOld = await stat(path).then(
      ({ mtimeMs }) => mtimeMs < before,
      () => false,
    )
    if (isOld) await rm(path, { force: true })
  }
  return folder
}

/** Files in a folder, below their organisation: several processes need the same folder. */
export class FolderStore implements FileStore {
  readonly incoming: string
  readonly #folder: string

  private constructor(folder: string, incoming: string) {
    this.#folder = folder
    this.incoming = incoming
  }

  static async open(folder: string): Promise<FolderStore> {
    return new FolderStore(folder, await openIncoming(join(folder, 'incoming')))
  }

  async keep(key: FileKey, { path }: ArrivedFile): Promise<void> {
    const target = this.#pathOf(key)
    const folder = dirname(target)
    const first = await mkdir(folder, { recursive: true, mode: 0o700 })
    await rename(path, target)
    // a name lasts once its folder is written, and so does the folder's own
    await synced(folder)
    if (first !== undefined) for (const above of [dirname(folder), this.#folder]) await synced(above)
  }

  async read(key: FileKey, { start, end }: BytesRange): Promise<Readable | null> {
    let file: FileHandle
    try {
      file = await open(this.#pathOf(key))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }
    return file.createReadStream({ start, end, highWaterMark: READ_AHEAD })
  }

  async remove(key: FileKey): Promise<void> {
    await rm(join(this.incoming, key.id), { force: true })
    await rm(this.#pathOf(key), { force: true })
  }

  /** The last digits of an id are random: no folder gets too many files. */
  #pathOf({ organisationId, id }: FileKey): string {
    return join(this.#folder, organisationId, id.slice(-2), id)
  }
}

async function synced(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
