import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { Cli } from './support/cli.js'

let service: TestService
let cli: Cli

beforeAll(async () => {
  service = await TestService.start()
  cli = await Cli.create()
})
afterAll(async () => {
  await cli.close()
  await service.close()
})

const CLIENT = { TRACT_CLIENT_ID: 'a', TRACT_CLIENT_SECRET: 'b' }

test.each([
  [['hooks', 'list', '--url', 'localhost:8080'], CLIENT, /^error: --url has to be an address such as https:/],
  [['hooks', 'list'], { ...CLIENT, TRACT_URL: 'https://a:b@tract.example' }, /^error: TRACT_URL .+ credentials/],
  [['hooks', 'list', '--url', 'http://a b'], CLIENT, /^error: --url/],
  [['login', '--client-id', 'a', '--url', 'tract.example'], CLIENT, /^error: --url/],
  [['login', '--client-id', 'a', '--secret-stdin'], {}, /^error: The client’s secret is empty/],
])('an address or a secret that makes no sense is named: %j', async (args, env, said) => {
  const ended = await cli.runWith({ env }, ...args)
  expect([ended.exit, ended.stderr]).toEqual([2, expect.stringMatching(said)])
})

test('so is that of a profile', async () => {
  await cli.profiles('localhost', { desk: { client_id: 'a', client_secret: 'b' } })
  const ended = await cli.run('hooks', 'list')
  expect([ended.exit, ended.stderr]).toEqual([2, expect.stringMatching(/address of the profile 'desk' has to be/)])
})

describe('a private key', () => {
  const login = async (contents: string, id = 'a') => {
    const file = join(cli.folder, 'key')
    await writeFile(file, contents)
    return cli.run('login', '--client-id', id, '--private-key', file, '--url', service.url)
  }
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  test.each([
    ['text', 'my key'],
    ['no more than the frame of a PEM', '-----BEGIN PRIVATE KEY-----\n%%%\n-----END PRIVATE KEY-----'],
    ['JSON, and no JWK', '{}'],
    ['broken JSON', '{'],
    ['a public key', publicKey.export({ type: 'spki', format: 'pem' }) as string],
    ['a public JWK', JSON.stringify(publicKey.export({ format: 'jwk' }))],
    ['a curve that the service does not verify', p384.export({ type: 'pkcs8', format: 'pem' }) as string],
    ['a JWK for another algorithm', JSON.stringify({ ...privateKey.export({ format: 'jwk' }), alg: 'RS256' })],
  ])('that is %s is refused by name', async (_title, contents) => {
    const ended = await login(contents)
    expect([ended.exit, ended.stderr]).toEqual([2, expect.stringMatching(/^error: --private-key has to be/)])
  })

  test('is taken as PEM of either kind, and as a JWK', async () => {
    const admin = await service.admin()
    const { organisations } = await ok(admin.get('/platform/organisations/'))
    const { client } = await ok(
      admin.post('/platform/clients/', {
        ...{ organisation_id: organisations[0].id, listener_id: 'desk', name: 'key', scopes: ['hooks'] },
        jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'k1' }] },
      }),
    )
    for (const contents of [
      privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      privateKey.export({ type: 'sec1', format: 'pem' }) as string,
      JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'k1' }),
    ]) {
      expect(await login(contents, client.client_id)).toMatchObject({ exit: 0, stderr: '' })
      expect((await cli.run('hooks', 'list', '--json')).json).toEqual([])
    }
    await writeFile(join(cli.folder, 'key'), 'broken since')
    const ended = await cli.run('hooks', 'list')
    expect([ended.exit, ended.stderr]).toEqual([
      2,
      expect.stringMatching(/private key of the profile 'desk' has to be/),
    ])
  })
})
