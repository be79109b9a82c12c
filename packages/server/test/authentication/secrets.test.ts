import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { hashClientSecret, newClientSecret, newHookSecret } from '../../src/database/new-secrets.js'
import { SecretBox, SecretKeyMismatch, UnsealError } from '../../src/database/secret-box.js'
import { loadOrCreateSecretKey, parseSecretKey } from '../../src/database/secret-key.js'
import { openDatabase } from './database.js'

const box = new SecretBox(Buffer.alloc(32, 1))

describe('the secret box', () => {
  test('opens what it sealed, for the same context only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.string(), (plaintext, context, other) => {
        const sealed = box.seal(plaintext, context)
        expect(box.open(sealed, context)).toEqual(Buffer.from(plaintext))
        if (other !== context) expect(() => box.open(sealed, other)).toThrow(UnsealError)
      }),
    )
  })

  test('does not open what was altered or cut, in any byte', () => {
    const sealed = box.seal('a secret', 'hooks:1')
    for (let index = 0; index < sealed.length; index++) {
      const altered = Buffer.from(sealed)
      altered[index] = (altered[index] as number) ^ 1
      expect(() => box.open(altered, 'hooks:1')).toThrow(UnsealError)
      expect(() => box.open(sealed.subarray(0, index), 'hooks:1')).toThrow(UnsealError)
    }
  })

  test('does not open with another key', () => {
    expect(() => new SecretBox(Buffer.alloc(32, 2)).openText(box.seal('x', 'c'), 'c')).toThrow(UnsealError)
  })

  test('seals the same text differently each time', () => {
    expect(box.seal('x', 'c')).not.toEqual(box.seal('x', 'c'))
  })

  test('takes 32 bytes only', () => {
    expect(() => new SecretBox(Buffer.alloc(31))).toThrow('32 bytes')
  })
})

describe('the key check', () => {
  test('ties a database to the first key and refuses another one, whoever comes first', async () => {
    const database = await openDatabase()
    try {
      const [one, other] = [new SecretBox(Buffer.alloc(32, 1)), new SecretBox(Buffer.alloc(32, 2))]
      const starts = await Promise.allSettled([one, other, one, other].map((key) => key.checkKey(database.pool)))
      const refused = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason] : []))
      expect(refused).toHaveLength(2)
      for (const reason of refused) {
        expect(reason).toBeInstanceOf(SecretKeyMismatch)
        expect(reason.message).toMatch(/TRACT_SECRET_KEY.*secret\.key/)
      }
      const winner = starts[0]?.status === 'fulfilled' ? one : other
      await winner.checkKey(database.pool)
      const rows = await database.stored.rows('instance')
      expect(rows).toHaveLength(1)
      expect(rows[0].key_check).toMatch(/^[0-9a-f]{64}$/)
    } finally {
      await database.close()
    }
  })
})

describe('the secret key', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tract-secret-key-'))
  })
  afterEach(() => rm(directory, { recursive: true }))

  test('is made once, readable by its owner only, and found again', async () => {
    const data = join(directory, 'not', 'there', 'yet')
    const key = await loadOrCreateSecretKey(data)
    expect(key).toHaveLength(32)
    expect((await stat(join(data, 'secret.key'))).mode & 0o777).toBe(0o600)
    expect(await loadOrCreateSecretKey(data)).toEqual(key)
    expect(await readdir(data)).toEqual(['secret.key'])
  })

  test('is the same for processes that start together', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateSecretKey(directory)))
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1)
    expect(await readdir(directory)).toEqual(['secret.key'])
  })

  test('is never replaced when its file is not a key', async () => {
    const path = join(directory, 'secret.key')
    await writeFile(path, 'half a ke')
    await chmod(path, 0o600)
    await expect(loadOrCreateSecretKey(directory)).rejects.toThrow(`${path} must be 32 bytes in base64`)
    expect(await readFile(path, 'utf8')).toBe('half a ke')
  })

  test.each([
    ['too short', Buffer.alloc(31).toString('base64')],
    ['too long', Buffer.alloc(33).toString('base64')],
    ['empty', ''],
    ['not base64', '!'.repeat(43)],
    ['padded with rubbish', `${Buffer.alloc(32).toString('base64')}!!`],
  ])('in TRACT_SECRET_KEY is refused when %s', (_, text) => {
    expect(() => parseSecretKey(text)).toThrow('TRACT_SECRET_KEY must be 32 bytes in base64')
  })

  test('in TRACT_SECRET_KEY may be base64 or base64url', () => {
    const key = Buffer.alloc(32, 0xfb)
    expect(parseSecretKey(`${key.toString('base64')}\n`)).toEqual(key)
    expect(parseSecretKey(key.toString('base64url'))).toEqual(key)
  })
})

describe('new secrets', () => {
  test('of clients are 32 random bytes and stored as their SHA-256', () => {
    const { secret, hash } = newClientSecret()
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect(hash).toEqual(hashClientSecret(secret))
    expect(hash).toHaveLength(32)
    expect(newClientSecret().secret).not.toBe(secret)
  })

  test('of hooks have the form of Standard Webhooks', () => {
    const secret = newHookSecret()
    expect(secret).toMatch(/^whsec_/)
    expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32)
  })
})
