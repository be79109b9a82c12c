import { setTimeout as sleep } from 'node:timers/promises'
import type { CryptoKey, JSONWebKeySet } from 'jose'
import type { Queryable } from '../database/queryable.js'
import { freshRun } from './fresh-run.js'
import { ensureSigningKey, type KeyRotation, type NewSigningKey, rotateNow, rotateWhenDue } from './key-rotation.js'
import { openSigningKey, type SigningKey, signingTimes } from './signing-key.js'
import { listSigningKeys } from './signing-keys.js'

/** A thumbprint (RFC 7638): no other kid is worth a look into the database. */
const KID = /^[\w-]{43}$/

/** The signing keys as this process sees them; the database has the truth. */
export class KeyRing {
  readonly #rotation: KeyRotation
  readonly #unknownKidPause: number
  #keys = new Map<string, SigningKey>()
  #loadedAt = Number.NEGATIVE_INFINITY
  /** On the monotonic clock. */
  #lookedUpAt = Number.NEGATIVE_INFINITY

  /** Reads the keys again. */
  readonly reload = freshRun(() => this.#load())
  readonly #lookUp = freshRun(() => this.#lookUpUnknown())

  /**
   * @param unknownKidPause ms between two looks into the database because of unknown kids, which anybody can make up.
   */
  static async open(rotation: KeyRotation, unknownKidPause: number): Promise<KeyRing> {
    const { publishLead, oldestView } = rotation.schedule
    if (publishLead < oldestView) {
      throw new RangeError('A signing key must be published for longer than a view of the keys may be old.')
    }
    await ensureSigningKey(rotation)
    const ring = new KeyRing(rotation, unknownKidPause)
    await ring.reload()
    return ring
  }

  private constructor(rotation: KeyRotation, unknownKidPause: number) {
    this.#rotation = rotation
    this.#unknownKidPause = unknownKidPause
  }

  /** The key to sign with now. */
  async signer(): Promise<SigningKey> {
    const age = this.#rotation.now() - this.#loadedAt
    // Negative: the clock was set back.
    if (age > this.#rotation.schedule.oldestView || age < 0) await this.reload()
    const now = this.#rotation.now()
    const keys = [...this.#keys.values()]
    const lasts = ({ retiresAt = Number.POSITIVE_INFINITY }) => retiresAt > now + this.#rotation.schedule.skew
    // No key has begun only where this clock is behind that of the process which changed over immediately.
    const signer = keys.findLast((key) => key.activatesAt <= now && lasts(key)) ?? keys.findLast(lasts)
    if (!signer) throw new Error('There is no signing key.')
    return signer
  }

  /** The public key of `kid`, looked up in the database if it is not known here. */
  async verificationKey(kid: unknown): Promise<CryptoKey | undefined> {
    if (typeof kid !== 'string' || !KID.test(kid)) return undefined
    const known = this.#published(kid)
    if (known) return known.publicKey
    await this.#lookUp()
    return this.#published(kid)?.publicKey
  }

  /** The JWKS document (RFC 7517): keys that will sign, that sign, and whose tokens may still be about. */
  jwks(): JSONWebKeySet {
    return { keys: [...this.#keys.keys()].flatMap((kid) => this.#published(kid)?.publicJwk ?? []) }
  }

  /** Keeps up with the other processes, rotates when due, removes what has retired. To be called regularly. */
  async maintain(): Promise<void> {
    await rotateWhenDue(this.#rotation)
    await this.reload()
  }

  /** In the transaction that `db` is in; once that is committed, `reload`. */
  rotate(immediately: boolean, db: Queryable): Promise<NewSigningKey> {
    return rotateNow(this.#rotation, immediately, db)
  }

  /** Does a token of this key still count? */
  isPublished(kid: string): boolean {
    return this.#published(kid) !== undefined
  }

  #published(kid: string): SigningKey | undefined {
    const key = this.#keys.get(kid)
    return key && (key.retiresAt === undefined || key.retiresAt > this.#rotation.now()) ? key : undefined
  }

  async #load(): Promise<void> {
    const { pool, box, now } = this.#rotation
    const startedAt = now()
    const keys = new Map<string, SigningKey>()
    for (const stored of await listSigningKeys(pool, startedAt)) {
      const known = this.#keys.get(stored.kid)
      keys.set(stored.kid, known ? { ...known, ...signingTimes(stored) } : await openSigningKey(box, stored))
    }
    this.#keys = keys
    this.#loadedAt = startedAt
  }

  /**
   * Put off when it comes too soon, not refused: the kid may be that of a new key, and a valid token must not fail
   * because of another that was invalid.
   */
  async #lookUpUnknown(): Promise<void> {
    const pause = this.#lookedUpAt + this.#unknownKidPause - performance.now()
    if (pause > 0) await sleep(pause)
    this.#lookedUpAt = performance.now()
    await this.reload()
  }
}
