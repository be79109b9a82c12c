import { type Delivery, type DeliveryFilter, NotFoundError, type TractPlatform } from '@tract/client/platform'

const PAGE = 200
/** One that was begun earlier may be there later, by as much as a slow transaction. */
const OVERLAP_MS = 5_000

/** What has changed of a listener's deliveries since it was asked before. What has ended is forgotten, and times are the service's. */
export class DeliveryWatch {
  /** What is pending, and what is new, with how it stood. */
  readonly #known = new Map<string, { delivery: Delivery; standing: string }>()
  /** When the newest was created. */
  #newest: string | undefined

  constructor(
    private readonly tract: TractPlatform,
    private readonly filter: DeliveryFilter,
    private readonly signal: AbortSignal,
  ) {}

  /** What is there now is no change; what is pending may end later. */
  async begin(): Promise<void> {
    const { deliveries } = await this.tract.deliveries.list({ ...this.filter, limit: 1 }, { signal: this.signal })
    const [newest] = deliveries
    this.#newest = newest?.created_at
    if (this.#newest === undefined) return
    this.#compare(await this.#all({ state: 'pending' }))
    this.#compare(await this.#recent())
  }

  /** The oldest first. */
  async changes(): Promise<Delivery[]> {
    const found = await this.#recent()
    const seen = new Set(found.map(({ id }) => id))
    found.push(...(await this.#older(seen)))
    const changed = this.#compare(found)
    this.#newest = found.reduce<string | undefined>(
      (newest, { created_at }) => (newest === undefined || created_at > newest ? created_at : newest),
      this.#newest,
    )
    this.#forget()
    return changed
  }

  #recent(): Promise<Delivery[]> {
    const boundary = this.#boundary()
    return this.#all(boundary === undefined ? {} : { created_from: boundary })
  }

  /** Those that were pending, and are not among the new ones. */
  async #older(seen: ReadonlySet<string>): Promise<Delivery[]> {
    const missing = new Map(
      [...this.#known].filter(([id, { delivery }]) => !seen.has(id) && delivery.state === 'pending'),
    )
    if (missing.size === 0) return []
    const times = [...missing.values()].map(({ delivery }) => Date.parse(delivery.created_at))
    const from = new Date(Math.min(...times)).toISOString()
    const to = new Date(Math.max(...times) + 1).toISOString()
    const pending = await this.#all({ state: 'pending', created_from: from, created_to: to })
    const still = pending.filter(({ id }) => missing.delete(id))
    const ended: Delivery[] = []
    for (const id of missing.keys()) {
      const delivery = await this.#get(id)
      if (delivery) ended.push(delivery)
      else this.#known.delete(id)
    }
    return [...still, ...ended]
  }

  /** Takes note of how they stand. @returns those that stood otherwise before, or were not there */
  #compare(found: readonly Delivery[]): Delivery[] {
    const changed: Delivery[] = []
    for (const delivery of found) {
      const standing = `${delivery.state} ${delivery.attempts}`
      if (this.#known.get(delivery.id)?.standing !== standing) changed.push(delivery)
      this.#known.set(delivery.id, { delivery, standing })
    }
    // as the service orders them
    return changed.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #forget(): void {
    const boundary = this.#boundary() ?? ''
    for (const [id, { delivery }] of this.#known)
      if (delivery.state !== 'pending' && delivery.created_at < boundary) this.#known.delete(id)
  }

  #boundary(): string | undefined {
    return this.#newest && new Date(Date.parse(this.#newest) - OVERLAP_MS).toISOString()
  }

  async #all(filter: DeliveryFilter): Promise<Delivery[]> {
    const found: Delivery[] = []
    const request = { ...this.filter, ...filter, limit: PAGE }
    for await (const delivery of this.tract.deliveries.list(request, { signal: this.signal })) found.push(delivery)
    return found
  }

  /** Undefined if it is not kept any more. */
  async #get(id: string): Promise<Delivery | undefined> {
    try {
      return (await this.tract.deliveries.get({ id }, { signal: this.signal })).delivery
    } catch (error) {
      if (error instanceof NotFoundError) return undefined
      throw error
    }
  }
}
