import { randomUUID } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { permitted } from '../recipes/every-operation.js'
import type { OperationName } from '../recipes/recipe.js'
import { neededQuery, wellFormed } from '../recipes/requests.js'
import {
  absent,
  comparable,
  contract,
  foreign,
  HELLO,
  ourOrganisation,
  ours,
  theirs,
  useTwoOrganisations,
} from './two-organisations.js'

useTwoOrganisations()

describe('a client', () => {
  test('cannot sign for a client of another organisation', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwks = { keys: [await exportJWK(publicKey)] }
    const mine = { organisation_id: ourOrganisation, listener_id: 'desk', name: 'Signer', scopes: ['hooks'], jwks }
    await ok(theirs.call('createClient', { as: theirs.admin, body: mine }))
    const assertion = (clientId: string) =>
      new SignJWT()
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(theirs.service.url)
        .setExpirationTime('1m')
        .setJti(randomUUID())
        .sign(privateKey)
    const ask = async (clientId: string) =>
      theirs.call('issueToken', {
        body: {
          grant_type: 'client_credentials',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await assertion(clientId),
        },
      })
    const [answer, expected] = [await ask(foreign.client as string), await ask(absent.client as string)]
    expect(answer.status).toBe(401)
    expect(comparable(answer, foreign.client as string)).toEqual(comparable(expected, absent.client as string))
  })

  test('does not get the answer to a key of another organisation', async () => {
    const headers = { 'idempotency-key': randomUUID() }
    const body = { user_id: foreign.user, ...HELLO, sender: 'aeu' }
    await ok(theirs.call('sendMessage', { as: theirs.cast.desk, body, headers }))
    const answer = await theirs.call('sendMessage', { as: ours.desk, body, headers })
    expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([404, null])
  })

  test('reaches nothing of another listener of its own organisation', async () => {
    const { call, cast } = theirs
    for (const operation of ['enableHook', 'disableHook', 'rotateHookSecret', 'testHook', 'unregisterHook'] as const) {
      const answer = await call(operation, { as: cast.sac, body: { id: foreign.hook } })
      expect([operation, answer.status, answer.body.code]).toEqual([operation, 404, 'hook_not_found'])
    }
    for (const operation of ['getDelivery', 'retryDelivery', 'skipDelivery'] as const) {
      const answer = await call(operation, { as: cast.sac, body: { id: foreign.waitingDelivery } })
      expect([operation, answer.status, answer.body.code]).toEqual([operation, 404, 'delivery_not_found'])
    }
    const replayed = await call('replayDeliveries', { as: cast.sac, body: { ids: [foreign.delivery] } })
    expect([replayed.status, replayed.body.code]).toEqual([404, 'delivery_not_found'])
    expect((await ok(call('listDeliveries', { as: cast.sac, body: {} }))).deliveries).toEqual([])
    expect((await ok(call('listHooks', { as: cast.sac }))).hooks).toEqual([])
  })

  test('that is an operator’s speaks for no organisation', async () => {
    for (const operation of contract.operations.values()) {
      const name = operation.operationId as OperationName
      const caller = permitted(theirs, operation)
      if (!caller || caller === theirs.admin) continue
      const answer = await theirs.call(name, {
        as: theirs.admin,
        body: wellFormed(operation),
        query: neededQuery(name),
      })
      expect([name, answer.status, answer.body.code]).toEqual([name, 403, 'insufficient_scope'])
    }
  })

  test('that is a listener’s keeps to what is theirs with their token', async () => {
    const [own, other] = [foreign.token as string, (await theirs.service.login(ours.desk.credentials)).token]
    const ids = async (token: string) =>
      (await ok(theirs.call('listHooks', { token }))).hooks.map(({ id }: { id: string }) => id)
    expect(await ids(own)).toEqual([foreign.hook])
    expect(await ids(other)).toEqual([])
  })
})
