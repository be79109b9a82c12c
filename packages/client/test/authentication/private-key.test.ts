import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type PrivateKey, Tract } from '../../src/index.node.js'
import { TractPlatform } from '../../src/platform/index.node.js'
import { Desk } from '../support/desk.js'

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const jwk = (key: KeyObject, members: object) => ({ ...key.export({ format: 'jwk' }), ...members }) as PrivateKey

const kinds: [string, () => { publicKey: KeyObject; privateKey: KeyObject }, object][] = [
  ['Ed25519', () => generateKeyPairSync('ed25519'), { alg: 'EdDSA' }],
  ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), { alg: 'ES256' }],
  ['RSA', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), { alg: 'RS256' }],
  ['RSA-PSS', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), { alg: 'PS256' }],
]

let desk: Desk
let operator: TractPlatform

beforeAll(async () => {
  desk = await Desk.open()
  const { client_id: clientId, client_secret: clientSecret } = desk.service.demo.admin
  operator = new TractPlatform({ baseUrl: desk.service.url, clientId, clientSecret })
})
afterAll(async () => {
  await operator.close()
  await desk.close()
})

describe.each(kinds)('a client with a key of the kind %s', (_, generate, { alg }: { alg?: string }) => {
  const { publicKey, privateKey } = generate()
  let clientId: string

  beforeAll(async () => {
    const key = { ...publicKey.export({ format: 'jwk' }), alg, kid: 'k1', use: 'sig' }
    const { client } = await operator.clients.create({
      organisation_id: desk.world.organisation,
      listener_id: 'desk',
      name: 'key',
      scopes: ['hooks'],
      jwks: { keys: [key as never] },
    })
    clientId = client.client_id
  })

  test('signs for its token, and again for each attempt', async () => {
    const tract = new Tract({ baseUrl: desk.proxy.url, clientId, privateKey: jwk(privateKey, { alg, kid: 'k1' }) })
    desk.proxy.fault = ({ path }) =>
      path === '/tract/auth/token/' && desk.proxy.of(path).length === 1 ? 'answer lost' : undefined
    expect((await tract.hooks.list()).hooks).toHaveLength(1)
    const assertions = desk.proxy
      .of('/tract/auth/token/')
      .map(({ body }) => new URLSearchParams(body).get('client_assertion'))
    expect(new Set(assertions).size).toBe(2)
    desk.proxy.reset()
    await tract.close()
  })

  if (alg !== 'PS256') {
    test('may give it in PEM', async () => {
      const tract = new Tract({ baseUrl: desk.service.url, clientId, privateKey: pem(privateKey) })
      expect((await tract.hooks.list()).hooks).toHaveLength(1)
      await tract.close()
    })
  }
})

test('a key that does not sign, and text that is none, are refused by name', async () => {
  const call = (privateKey: PrivateKey) =>
    new Tract({ baseUrl: desk.service.url, clientId: 'a', privateKey }).hooks.list()
  await expect(call(pem(generateKeyPairSync('x25519').privateKey))).rejects.toThrow(/Ed25519, P-256, RSA/)
  await expect(call('secret')).rejects.toThrow(/PKCS #8/)
})
