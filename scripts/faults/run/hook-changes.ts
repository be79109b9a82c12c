import { setTimeout as sleep } from 'node:timers/promises'
import type { HookState } from '../history/history.js'
import type { HookChange } from '../plan/hook-changes.js'
import type { ListenerName } from '../plan/plan.js'
import type { Clock } from '../world/clock.js'
import type { FaultLog } from '../world/fault-log.js'
import type { HookLedger } from '../world/hook-ledger.js'
import { MESSAGES, made, type Organisation } from '../world/organisation.js'
import type { Receiver } from '../world/receiver.js'

/** Changes the hooks for messages while deliveries go out, one change of a hook after another. */
export class HookChanges {
  readonly #organisation: Organisation
  readonly #receivers: Record<ListenerName, Receiver>
  readonly #clock: Clock
  readonly #log: FaultLog
  readonly #turns = new Map<ListenerName, Promise<void>>()

  constructor(organisation: Organisation, receivers: Record<ListenerName, Receiver>, clock: Clock, log: FaultLog) {
    this.#organisation = organisation
    this.#receivers = receivers
    this.#clock = clock
    this.#log = log
  }

  begin(change: HookChange): void {
    const listener = change.listener as ListenerName
    const before = this.#turns.get(listener) ?? Promise.resolve()
    const done = before.then(() => this.#carryOut(listener, change))
    // It counts when all are waited for.
    done.catch(() => {})
    this.#turns.set(listener, done)
  }

  async settled(): Promise<void> {
    await Promise.all(this.#turns.values())
  }

  async #carryOut(listener: ListenerName, change: HookChange): Promise<void> {
    const ledger = this.#organisation.ledgers[listener].get(MESSAGES) as HookLedger
    this.#log.count(`hook: ${NAMES[change.kind]}`)
    this.#log.note(`hook: ${NAMES[change.kind]} (${listener})`)
    switch (change.kind) {
      case 'move': {
        const receiver = this.#receivers[listener]
        const port = receiver.ports.find((other) => other !== ledger.present.port) as number
        const [category, subcategory] = MESSAGES.split('/')
        const body = { category, subcategory, url: receiver.url(port, MESSAGES) }
        await this.#change(listener, ledger, '/tract/hooks/register/', body, { port, status: 'active' })
        return
      }
      case 'rotate': {
        const version = ledger.present.version + 1
        const answer = await this.#change(listener, ledger, '/tract/hooks/rotate_secret/', {}, { version })
        ledger.learned(version, answer.signing_secret)
        return
      }
      case 'pause':
        await this.#change(listener, ledger, '/tract/hooks/disable/', {}, { status: 'disabled' })
        await sleep(change.forMs)
        await this.#change(listener, ledger, '/tract/hooks/enable/', {}, { status: 'active' })
    }
  }

  async #change(listener: ListenerName, ledger: HookLedger, path: string, body: object, becomes: Partial<HookState>) {
    const from = this.#clock()
    const { hookId, present } = ledger
    const answer = await made(this.#organisation.callers[listener], path, 'url' in body ? body : { id: hookId })
    ledger.changed({ ...present, ...becomes, from, answeredAt: this.#clock() })
    return answer
  }
}

const NAMES: Record<HookChange['kind'], string> = {
  move: 'moved',
  rotate: 'secret rotated',
  pause: 'disabled and enabled',
}
