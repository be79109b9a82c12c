import type { History } from '../history/history.js'
import type { ListenerName } from '../plan/listeners.js'
import type { Answered } from '../world/caller.js'
import type { Clock } from '../world/clock.js'
import type { Organisation } from '../world/organisation.js'

/** What callers have seen: all of a history but what receivers, the service's lists, the database and the harness know. */
export type Seen = Omit<History, 'receipts' | 'losses' | 'outages' | 'hooks' | 'transcripts' | 'stored'>

/** The calls of a run that are under way, and what came of all the others. */
export class Calls {
  readonly seen: Seen = {
    sends: [],
    erasures: [],
    controls: [],
    offerAnswers: [],
    availability: [],
    completions: [],
    corrections: [],
    ratings: [],
    files: [],
    downloads: [],
  }
  /** Calls that were refused, by status and code. */
  readonly refusals = new Map<string, number>()
  readonly #underWay = new Set<Promise<void>>()

  constructor(
    readonly organisation: Organisation,
    readonly clock: Clock,
    readonly seed: string,
  ) {}

  get waiting(): number {
    return this.#underWay.size
  }

  begin(work: () => Promise<void>): Promise<void> {
    const done = work().finally(() => this.#underWay.delete(done))
    this.#underWay.add(done)
    return done
  }

  /** Resolves when one of those under way is answered. */
  async oneIsOver(): Promise<void> {
    await Promise.race(this.#underWay)
  }

  /** Resolves when everything that was begun is answered. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  /** Null: its caller gave it up. */
  async post(listener: ListenerName, path: string, body: object, key: string, tries?: number) {
    const startedAt = this.clock()
    const answered = await this.organisation.callers[listener].post(path, body, key, tries)
    if (answered === null) return null
    this.noteRefusal(path, answered)
    return { ...answered, startedAt, answeredAt: this.clock() }
  }

  noteRefusal(path: string, { status, body }: Answered): void {
    const code = status === 200 ? body.reason?.code : body.code
    if (code === undefined) return
    const refusal = `${path} ${status} ${code}`
    this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1)
  }
}
