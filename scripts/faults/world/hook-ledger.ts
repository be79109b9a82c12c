import { Webhook } from 'standardwebhooks'
import type { HookState, Receipt } from '../history/history.js'

/** What is known of one hook: every state it was in, and every secret it had. */
export class HookLedger {
  readonly states: HookState[] = []
  /** By version, from 1; a rotation that is not answered yet leaves a hole. */
  readonly #secrets: (Webhook | undefined)[] = []
  readonly #unverified: { receipt: Receipt; signed: Signed }[] = []

  constructor(readonly hookId: string) {}

  changed(state: HookState): void {
    this.states.push(state)
  }

  get present(): HookState {
    return this.states.at(-1) as HookState
  }

  learned(version: number, secret: string): void {
    this.#secrets[version] = new Webhook(secret)
    const left = this.#unverified.splice(0)
    for (const { receipt, signed } of left) this.verify(receipt, signed)
  }

  /** Notes which secrets the signatures verify with. A rotation's is unknown until its answer. */
  verify(receipt: Receipt, signed: Signed): void {
    const { id, timestamp, body, signatures } = signed
    const given = signatures.split(' ')
    const newest = this.#secrets.length - 1
    for (let version = newest; version > Math.max(0, newest - 6) && receipt.signedBy.length < given.length; version--) {
      const expected = this.#secrets[version]?.sign(id, new Date(timestamp * 1000), body)
      if (expected !== undefined && given.includes(expected) && !receipt.signedBy.includes(version))
        receipt.signedBy.push(version)
    }
    if (receipt.signedBy.length < given.length) this.#unverified.push({ receipt, signed })
  }
}

export interface Signed {
  id: string
  timestamp: number
  body: string
  signatures: string
}
