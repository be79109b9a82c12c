/** What belongs to what, in a file: such as a desk's ids to those of TRACT. */
import { Journal, type JournalMemory, textOnly } from './journal.js'

export interface FileMapOptions {
  /** How many values are kept at most: the one that was set longest ago is forgotten, and leaves the file when that is written again. Without limit if absent. */
  limit?: number
}

/** Values by their keys, in a file. */
export interface FileMap<V> {
  /** As it was set, read from memory: not to be changed. */
  get(key: string): V | undefined
  /** Done once it is on the disk; it is read at once. Kept as JSON. The value before stays in the file until that is written again, by a `delete` or as it grows. */
  set(key: string, value: V): Promise<void>
  /**
   * Of a key, or of all that `which` says: such as a user's who is erased. They are not read from then on; done once nothing of them is on the disk. The
   * file is written again, so this is not for every message.
   */
  delete(which: string | ((key: string, value: V) => boolean)): Promise<void>
  /** The one that was set longest ago first. */
  entries(): IterableIterator<[string, V]>
  readonly size: number
  /** Ends what is under way, and lets another process have the file. */
  close(): Promise<void>
}

/**
 * Opens the map in the file at `path`, which has to be on a disk of this machine, and makes it if there is none. All of it is in memory. A crash
 * loses nothing that was set before, and of what is being set either nothing or all. Rejects with a `FileInUseError` while another process has the file.
 */
export async function fileMap<V>(
  path: string,
  { limit = Number.POSITIVE_INFINITY }: FileMapOptions = {},
): Promise<FileMap<V>> {
  if (!(limit >= 1)) throw new RangeError(`limit is a number from 1, and not ${limit}`)
  const values = new Map<string, V>()
  const journal = await Journal.open(path, 'tract map', memoryOf(values, limit))
  return {
    get: (key) => values.get(key),
    async set(key, value) {
      textOnly({ key })
      const line = JSON.stringify([key, value])
      remember(values, limit, JSON.parse(line)) // as the next process would read it
      await journal.append(JSON.parse(line))
    },
    async delete(which) {
      const isOver = typeof which === 'string' ? (key: string) => key === which : which
      const over = [...values].filter(([key, value]) => isOver(key, value))
      for (const [key] of over) values.delete(key)
      // also where there is none: the file may have what was forgotten, or deleted by a call that could not write
      await journal.rewrite()
    },
    entries: () => values.entries(),
    get size() {
      return values.size
    },
    close: () => journal.close(),
  }
}

function memoryOf<V>(values: Map<string, V>, limit: number): JournalMemory {
  return {
    read(line) {
      if (!Array.isArray(line) || line.length !== 2 || typeof line[0] !== 'string') return false
      remember(values, limit, line as [string, V])
      return true
    },
    lines: () => values,
  }
}

/** A Map keeps the order of insertion: its first key is the oldest. */
function remember<V>(values: Map<string, V>, limit: number, [key, value]: [string, V]): void {
  values.delete(key)
  values.set(key, value)
  for (const oldest of values.keys()) {
    if (values.size <= limit) break
    values.delete(oldest)
  }
}
