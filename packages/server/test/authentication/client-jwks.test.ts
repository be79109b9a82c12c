import { beforeAll, describe, expect, test } from '@jest/globals'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { checkClientJwks } from '../../src/authentication/client-jwks.js'

const jwks: Record<string, JWK> = {}

async function publicJwk(algorithm: string): Promise<JWK> {
  return exportJWK((await generateKeyPair(algorithm)).publicKey)
}

beforeAll(async () => {
  for (const algorithm of ['EdDSA', 'ES256', 'ES384', 'RS256']) jwks[algorithm] = await publicJwk(algorithm)
})

describe('the key set of a client', () => {
  test('may have an Ed25519, a P-256 and an RSA key', async () => {
    const keys = [
      { ...jwks.EdDSA, kid: 'a', use: 'sig', alg: 'EdDSA' },
      { ...jwks.EdDSA, alg: 'Ed25519' },
      jwks.ES256,
      { ...jwks.RS256, alg: 'PS256', key_ops: ['verify'] },
    ]
    expect(await checkClientJwks({ keys })).toEqual([])
  })

  test.each<[string, () => unknown, string]>([
    [
      'a private key',
      async () => exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey),
      'public',
    ],
    ['a shared secret', () => ({ kty: 'oct', k: 'c2VjcmV0' }), 'public'],
    ['another curve', () => jwks.ES384, 'Ed25519'],
    ['an unknown type', () => ({ kty: 'XYZ' }), 'Ed25519'],
    ['a key to encrypt with', () => ({ ...jwks.ES256, use: 'enc' }), 'use'],
    ['a key that may not verify', () => ({ ...jwks.ES256, key_ops: ['encrypt'] }), 'key_ops'],
    ['an algorithm of another type', () => ({ ...jwks.ES256, alg: 'RS256' }), 'alg'],
    ['a kid that is no string', () => ({ ...jwks.ES256, kid: 7 }), 'kid'],
    ['a point off the curve', () => ({ ...jwks.ES256, y: jwks.ES256?.x }), 'not a valid key'],
    ['a short RSA key', () => ({ kty: 'RSA', e: 'AQAB', n: Buffer.alloc(128, 255).toString('base64url') }), '2048'],
    [
      'an RSA key padded with zeros',
      () => ({ kty: 'RSA', e: 'AQAB', n: Buffer.alloc(256).fill(255, 128).toString('base64url') }),
      '2048',
    ],
    ['no key at all', () => 'key', 'JSON Web Key'],
  ])('refuses %s', async (_, key, message) => {
    const issues = await checkClientJwks({ keys: [jwks.EdDSA, await key()] })
    expect(issues).toEqual([{ path: '/keys/1', message: expect.stringContaining(message) }])
  })

  test.each([
    ['null', null],
    ['no keys', {}],
    ['an empty list', { keys: [] }],
    ['too many', { keys: Array(11).fill({ kty: 'OKP' }) }],
  ])('refuses %s', async (_, set) => {
    expect(await checkClientJwks(set)).toEqual([{ path: '/keys', message: expect.any(String) }])
  })
})
