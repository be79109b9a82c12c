/**
 * Those who wait at the sandbox's desk: it was offered or passed their thread while it was not open.
 *
 * While anybody waits, the desk looks at what it says of itself (`availability.get`), which its user changes from the chat, the
 * command line or anywhere. Not open, it tells each the place in the queue: where it was passed the thread, again whenever that
 * changes. Open, it takes them in order: it accepts what was offered, and allocates its agent where it is in control. An offer
 * leaves the queue when it is over, or with its time: a desk is not told what a person said by its own client.
 */
import { ConflictError, NotFoundError, type ReceiverAvailability, type Tract, text } from '@tract/client'
import { placeInQueue } from './desk-words.js'

const DESK = 'desk'
const LOOK_MS = 500

export interface Waiting {
  /** The offer that is to be accepted, and until when; absent: the desk is in control. */
  offer?: { number: number; until: Date }
  /** Makes the calls about it safe to repeat. */
  key: string
}

type Place = Waiting & { told?: number }

export class DeskQueue {
  readonly #places = new Map<string, Place>()
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #isClosed = false

  /** @param serve what the desk does for a user whose thread it is in control of */
  constructor(
    private readonly tract: Tract,
    private readonly serve: (userId: string, key: string) => Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {}

  add(userId: string, waiting: Waiting): void {
    this.#places.set(userId, waiting)
    void this.#look()
  }

  leave(userId: string): void {
    this.#places.delete(userId)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  async #look(): Promise<void> {
    if (this.#isLooking || this.#isClosed) return
    this.#isLooking = true
    clearTimeout(this.#timer)
    try {
      const availability = await ownAvailability(this.tract)
      for (const [index, [userId, place]] of [...this.#places].entries())
        await this.#unlessOver(userId, this.#turn(userId, place, availability, index))
    } catch (error) {
      if (!this.#isClosed) this.onError(error)
    } finally {
      this.#isLooking = false
    }
    if (this.#places.size > 0 && !this.#isClosed) this.#timer = setTimeout(() => void this.#look(), LOOK_MS).unref()
  }

  async #turn(userId: string, place: Place, availability: ReceiverAvailability, index: number): Promise<void> {
    const isLate = place.offer !== undefined && place.offer.until <= new Date()
    if (isLate) return this.leave(userId)
    if (availability.status !== 'open') return this.#tell(userId, place, availability, index)
    if (place.offer === undefined) await this.serve(userId, place.key)
    else await this.#accept(userId, place.offer.number, place.key)
    if (this.#places.get(userId) === place) this.leave(userId)
  }

  async #accept(user_id: string, offer_number: number, key: string): Promise<void> {
    const event = { user_id, type: 'thread_control', subtype: 'accepted', metadata: { offer_number } } as const
    await this.tract.events.send(event, { idempotencyKey: `${key}-accepted` })
  }

  /** The other listeners by an event, and the user too where the desk is the one that may write. */
  async #tell(user_id: string, place: Place, availability: ReceiverAvailability, index: number): Promise<void> {
    const position = (availability.waiting ?? 0) + index + 1
    if (place.told === position || (place.told && place.offer)) return
    const { estimated_wait_seconds } = availability
    if (place.offer === undefined) {
      const message_body = text(placeInQueue(position, estimated_wait_seconds))
      const said = { user_id, sender: 'ect', message_body } as const
      await this.tract.messages.send(said, { idempotencyKey: `${place.key}-place-${position}` })
    }
    const wait = estimated_wait_seconds !== undefined && { estimated_wait_seconds }
    const event = { user_id, type: 'aeu_events', subtype: 'queued', metadata: { position, ...wait } } as const
    await this.tract.events.send(event, { idempotencyKey: `${place.key}-queued-${position}` })
    place.told = position
  }

  /** Control has moved on, or the user was erased. */
  async #unlessOver(userId: string, work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      if (!(error instanceof ConflictError || error instanceof NotFoundError)) throw error
      this.leave(userId)
    }
  }
}

/** Of the desk as a whole. */
export async function ownAvailability(tract: Tract): Promise<ReceiverAvailability> {
  const { availability } = await tract.availability.get({ receiver: DESK })
  return availability.find(({ team }) => team === undefined) ?? { receiver: DESK, status: 'open' }
}
