import type { Queryable } from '../database/queryable.js'
import { type ClaimedDelivery, type NextRequest, readNext } from '../lanes/next-deliveries.js'
import type { DeliveryLog } from './reports.js'

interface Waiting {
  request: NextRequest
  resolve: (deliveries: ClaimedDelivery[] | null) => void
}

/** Reads on in lanes under way. What they ask for during a statement goes together into the next. */
export class LaneReader {
  readonly #db: Queryable
  readonly #log: DeliveryLog
  #waiting: Waiting[] = []
  #isReading = false

  constructor(db: Queryable, log: DeliveryLog) {
    this.#db = db
    this.#log = log
  }

  /** @returns null if it could not be read now */
  read(request: NextRequest): Promise<ClaimedDelivery[] | null> {
    return new Promise((resolve) => {
      this.#waiting.push({ request, resolve })
      if (!this.#isReading) void this.#readAll()
    })
  }

  async #readAll(): Promise<void> {
    this.#isReading = true
    await new Promise(setImmediate)
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting
      this.#waiting = []
      const answers = await this.#answers(waiting.map(({ request }) => request))
      waiting.forEach(({ resolve }, index) => {
        resolve(answers?.[index] ?? null)
      })
    }
    this.#isReading = false
  }

  async #answers(requests: NextRequest[]): Promise<ClaimedDelivery[][] | null> {
    try {
      return await readNext(this.#db, requests)
    } catch (error) {
      this.#log.warn({ err: error, lanes: requests.length }, 'deliveries could not be read')
      return null
    }
  }
}
