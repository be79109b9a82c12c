/** Remembers deliveries in a file, for a receiver of one process that has to survive its restart. */
import { Deliveries, type DeliveryStore } from '../webhooks/delivery-store.js'
import { Journal, type JournalMemory } from './journal.js'

export interface FileStoreOptions {
  /** How many deliveries that were handled are remembered. 50,000 if absent: some 10 MB, and never more than twice as much. */
  limit?: number
}

/** A store in a file. */
export interface FileStore extends DeliveryStore {
  /** Ends what is under way, and lets another process have the file. */
  close(): Promise<void>
}

/** Characters of an answer; TRACT keeps ids of 128, so that a longer answer holds nothing of use and is refused. */
const MAX_ANSWER_LENGTH = 4_096

/**
 * Opens the store in the file at `path`, which has to be on a disk of this machine, and makes it if there is none. A delivery is remembered once
 * `complete` is done, whatever happens to the process or the machine. What a process that died had begun is handled again. Rejects with a
 * `FileInUseError` while another process has the file: several processes need a store that they share.
 */
export async function fileStore(path: string, { limit = 50_000 }: FileStoreOptions = {}): Promise<FileStore> {
  const deliveries = new Deliveries(limit)
  const journal = await Journal.open(path, 'tract deliveries', memoryOf(deliveries))
  return {
    claim: async (claim) => deliveries.claim(claim),
    async complete(id, token, answer) {
      if (answer.length > MAX_ANSWER_LENGTH) {
        deliveries.release(id, token)
        throw new RangeError(`The answer to ${id} has ${answer.length} characters: ${MAX_ANSWER_LENGTH} are kept.`)
      }
      if (deliveries.complete(id, token, answer)) await journal.append([id, answer])
    },
    async release(id, token) {
      deliveries.release(id, token)
    },
    close: () => journal.close(),
  }
}

function memoryOf(deliveries: Deliveries): JournalMemory {
  return {
    read(line) {
      const [id, answer] = Array.isArray(line) ? line : []
      if (typeof id !== 'string' || typeof answer !== 'string') return false
      deliveries.remember(id, answer)
      return true
    },
    lines: () => deliveries.answers,
    isFull: (lines) => lines > 2 * deliveries.limit,
  }
}
