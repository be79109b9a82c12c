/** Names and ids with control characters, which none can be given any more: what is there stays in reach of every call. */

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { ok } from '@tract/testing/call'
import { TestService } from '@tract/testing/service'
import { tellUser } from '../../src/accept/users.js'
import type { Work } from '../../src/accept/work.js'
import { openPool, transaction } from '../../src/database/database.js'
import { userKey } from '../../src/lanes/user-key.js'
import { PublishedContract } from '../support/contract.js'
import { RecipeWorld } from './recipes/recipe-world.js'

const OLD = 'old\u0007\u001b[2J\u009b\u202e'
const contract = new PublishedContract('platform')
let world: RecipeWorld

beforeAll(async () => {
  world = await RecipeWorld.build(await TestService.start(), contract)
})
afterAll(async () => {
  await world.close()
  await world.service.close()
})

test('a user that has them in its id and names is read and erased', async () => {
  const { cast, organisation, service } = world
  const pool = openPool({ connectionString: service.databaseUrl }, () => {})
  const changes = { user_name: OLD, third_party_user_id: OLD, details: { [OLD]: OLD } }
  await transaction(pool, (client) =>
    tellUser({ client, now: new Date() } as unknown as Work, userKey(organisation, OLD), changes, '', null),
  )
  await pool.end()

  const user = await world.call('getUser', { as: cast.desk, body: { user_id: OLD } })
  expect(user.body).toMatchObject({ user_id: OLD, user_name: OLD, third_party_user_id: OLD, details_available: [OLD] })
  expect(contract.problems('getUser', user)).toEqual([])
  const listeners = await world.call('listThreadListeners', { as: cast.iva, body: { user_id: OLD } })
  expect(listeners.status).toBe(200)
  const thread = await world.call('getThread', {
    as: world.admin,
    query: { organisation_id: organisation, user_id: OLD },
  })
  expect([thread.status, contract.problems('getThread', thread)]).toEqual([200, []])
  await ok(world.call('eraseUser', { as: cast.md, body: { user_id: OLD } }))
})
