import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { Queryable } from './queryable.js'

const FORMAT = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES

/** A sealed value that this key does not open: another key, another context, or altered bytes. */
export class UnsealError extends Error {
  constructor() {
    super('A stored secret cannot be decrypted: it was altered, or sealed with another key or for another row.')
    this.name = 'UnsealError'
  }
}

/** The process holds another secret key than the one this database's secrets were sealed with. */
export class SecretKeyMismatch extends Error {
  constructor() {
    super(
      'The secret key does not belong to this database: its secrets were sealed with another one. Start with that ' +
        'key: TRACT_SECRET_KEY, or the file secret.key of the data directory that the database was first started with.',
    )
    this.name = 'SecretKeyMismatch'
  }
}

/**
 * Seals secrets at rest: AES-256-GCM, random nonce. `context` says whose secret it is (such as `signing_keys:<kid>`)
 * and is authenticated, so that a sealed value copied into another row does not open there.
 *
 * Layout: format (1 byte) · nonce (12) · tag (16) · ciphertext.
 */
export class SecretBox {
  readonly #key: Buffer
  readonly #keyCheck: string
  readonly #markKey: Buffer

  /** @param secretKey 32 bytes; see `secret-key.ts` for where they come from. */
  constructor(secretKey: Uint8Array) {
    if (secretKey.length !== 32) throw new TypeError('A secret key has 32 bytes.')
    // Keys derived from one: the proof in the database reveals nothing about the keys that encrypt and mark.
    this.#key = derive(secretKey, 'tract secret box')
    this.#keyCheck = derive(secretKey, 'tract key check').toString('hex')
    this.#markKey = derive(secretKey, 'tract marks')
  }

  seal(plaintext: string | Uint8Array, context: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(Buffer.from(context))
    const ciphertext = Buffer.concat([cipher.update(Buffer.from(plaintext)), cipher.final()])
    return Buffer.concat([Buffer.of(FORMAT), nonce, cipher.getAuthTag(), ciphertext])
  }

  /** @throws {UnsealError} */
  open(sealed: Uint8Array, context: string): Buffer {
    if (sealed.length < HEAD_BYTES || sealed[0] !== FORMAT) throw new UnsealError()
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES))
    try {
      return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()])
    } catch {
      throw new UnsealError()
    }
  }

  /** @throws {UnsealError} */
  openText(sealed: Uint8Array, context: string): string {
    return this.open(sealed, context).toString()
  }

  /** What stands for a text that is not kept: always the same for the same text, and nothing to who has not this key. */
  mark(text: string): Buffer {
    return createHmac('sha256', this.#markKey).update(text).digest()
  }

  /**
   * Ties the database to this key at the first start, and refuses another key from then on.
   * @throws {SecretKeyMismatch}
   */
  async checkKey(db: Queryable, now = new Date()): Promise<void> {
    await db.query({
      text: 'insert into instance (id, key_check, created_at) values (1, $1, $2) on conflict (id) do nothing',
      values: [this.#keyCheck, now],
    })
    const { rows } = await db.query<{ key_check: string }>({ text: 'select key_check from instance where id = 1' })
    if (rows[0]?.key_check !== this.#keyCheck) throw new SecretKeyMismatch()
  }
}

function derive(secretKey: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secretKey, '', purpose, 32))
}
