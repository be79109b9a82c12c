/**
 * What passes and is not kept: one signed attempt outside every lane, without `tract-sequence`, whose answer nothing waits
 * for. A receiver that is slow, or a process that has much under way, gets less of it.
 */
import { v7 as uuidv7 } from 'uuid'
import { type LaneKey, listenerKey } from '../lanes/lane-key.js'
import type { HookDirectory } from './hook-directory.js'
import type { Sender } from './send/sender.js'

/** Attempts under way at a listener, and in all: each lasts for as long as an attempt may. */
const MOST_AT_LISTENER = 8
const MOST_UNDER_WAY = 128

export interface Passing {
  lane: LaneKey
  category: string
  subcategory: string
  body: string
}

export class PassingSender {
  readonly #hooks: HookDirectory
  readonly #sender: Sender
  /** By listener. */
  readonly #underWay = new Map<string, number>()
  #count = 0

  constructor(hooks: HookDirectory, sender: Sender) {
    this.#hooks = hooks
    this.#sender = sender
  }

  /** @returns whether it goes out */
  async pass({ lane, category, subcategory, body }: Passing): Promise<boolean> {
    const hook = await this.#hooks.find(lane.organisationId, lane.listener, category, subcategory)
    const listener = listenerKey(lane.organisationId, lane.listener)
    const own = this.#underWay.get(listener) ?? 0
    if (hook?.status !== 'active' || own >= MOST_AT_LISTENER || this.#count >= MOST_UNDER_WAY) return false
    this.#underWay.set(listener, own + 1)
    this.#count++
    void this.#sender
      .send(hook, { id: uuidv7(), body, attemptNumber: 1 })
      .catch(() => {}) // it was tried once, and is not kept
      .finally(() => this.#ended(listener))
    return true
  }

  #ended(listener: string): void {
    this.#count--
    const left = (this.#underWay.get(listener) ?? 1) - 1
    if (left === 0) this.#underWay.delete(listener)
    else this.#underWay.set(listener, left)
  }
}
