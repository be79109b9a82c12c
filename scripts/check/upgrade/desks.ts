/** The assistant's and the desk's endpoint: what each heard of each user, in the order in which it came for the first time. */
import { Receiver } from '../../../packages/testing/src/receiver.js'
import { until } from '../../../packages/testing/src/until.js'

const LISTENERS = ['iva', 'desk'] as const
export type Listener = (typeof LISTENERS)[number]

export class Desks {
  readonly wrong: string[] = []
  /** Answers 503 instead of acknowledging. */
  isDown = false
  readonly #count: Record<Listener, number> = { iva: 0, desk: 0 }
  readonly #heard: Record<Listener, Map<string, Set<number>>> = { iva: new Map(), desk: new Map() }

  private constructor(private readonly receiver: Receiver) {
    receiver.answer = ({ path, body }) => {
      // what was heard is kept by user, and not a second time
      receiver.received.length = 0
      if (this.isDown) return { status: 503 }
      this.#hear(path.slice(1) as Listener, body)
      return {}
    }
  }

  static async open(): Promise<Desks> {
    return new Desks(await Receiver.start())
  }

  #hear(listener: Listener, { user_id, message_id }: { user_id: string; message_id: string }): void {
    const of = this.#heard[listener]
    const messages = of.get(user_id) ?? new Set()
    if (!messages.has(Number(message_id))) this.#count[listener]++
    of.set(user_id, messages.add(Number(message_id)))
  }

  urlOf(listener: Listener): string {
    return `${this.receiver.url}/${listener}`
  }

  /** Resolves when the listener has heard that number of messages, as long as there is one more now and then. */
  async reach(listener: Listener, messages: number): Promise<void> {
    for (let before = 0; before < messages; before = this.#count[listener])
      await until(() => this.#count[listener] > before, `of ${messages} messages at ${listener}, more than ${before}`)
  }

  /** The listener has heard these messages of the user, in this order. */
  expect(listener: Listener, user: string, messages: readonly number[]): void {
    const heard = [...(this.#heard[listener].get(user) ?? [])].join(' ')
    if (heard !== messages.join(' '))
      this.wrong.push(`${listener} heard ${heard || 'nothing'} of ${user}, not ${messages.join(' ')}`)
  }

  close(): Promise<void> {
    return this.receiver.close()
  }
}
