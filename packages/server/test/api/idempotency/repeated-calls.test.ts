import { describe, expect, test } from '@jest/globals'
import { type Answer, ok } from '@tract/testing/call'
import { titled } from '../recipes/recipe.js'
import {
  contract,
  effects,
  isReplayed,
  kept,
  newKey,
  recipes,
  stored,
  useWorld,
  withoutRequestId,
  world,
  worldIn,
} from './keyed-calls.js'

useWorld()

describe('a call that is repeated with its key gets the first answer, and does nothing again:', () => {
  test.each(titled(kept))('%s', async (_title, recipe) => {
    const twice = worldIn(recipe, async (request) => {
      const keyed = { ...request, headers: newKey() }
      const first = await world.call(recipe.operation, keyed)
      const before = await effects()
      const again = await world.call(recipe.operation, keyed)
      expect([again.status, withoutRequestId(again)]).toEqual([first.status, withoutRequestId(first)])
      expect([isReplayed(first), isReplayed(again)]).toEqual([false, true])
      expect(contract.problems(recipe.operation, again)).toEqual([])
      expect(await effects()).toEqual(before)
      return first
    })
    const { status, body } = await recipe.call(twice)
    expect([status, body.code]).toEqual([recipe.status, recipe.code])
  })

  test('every operation that takes a key is among them', () => {
    const taking = [...contract.operations.values()].filter(({ takesIdempotencyKey }) => takesIdempotencyKey)
    const tried = new Set<string>(kept.filter(({ status }) => status === 200).map(({ operation }) => operation))
    expect(taking.map(({ operationId }) => operationId).filter((name) => !tried.has(name))).toEqual([])
  })
})

describe('calls that come at once with one key have one effect:', () => {
  test.each(titled(recipes.filter(({ status }) => status === 200)))('%s', async (_title, recipe) => {
    const atOnce = worldIn(recipe, async (request) => {
      const keyed = { ...request, headers: newKey() }
      const answers = await Promise.all(Array.from({ length: 5 }, () => world.call(recipe.operation, keyed)))
      const [first] = answers.filter((answer) => !isReplayed(answer))
      expect(answers.map(isReplayed).sort()).toEqual([false, true, true, true, true])
      for (const answer of answers)
        expect([answer.status, withoutRequestId(answer)]).toEqual([first?.status, withoutRequestId(first as Answer)])
      return first as Answer
    })
    const answer = await recipe.call(atOnce)
    expect([answer.status, contract.problems(recipe.operation, answer)]).toEqual([200, []])
  })

  test('as many messages are stored as there are keys', async () => {
    const user_id = await world.conversation()
    const keys = Array.from({ length: 10 }, newKey)
    const body = { user_id, message_body: 'Hello?', sender: 'ceu' }
    const calls = [...keys, ...keys, ...keys].map((headers) =>
      ok(world.call('sendPlatformMessage', { as: world.cast.md, body, headers })),
    )
    const ids = (await Promise.all(calls)).map(({ message_id }) => message_id)
    expect([...new Set(ids)].sort((a, b) => a - b)).toEqual(keys.map((_, index) => index + 2))
    expect(await stored.count('messages', { user_id })).toBe(11)
  })

  test('with other bodies, one of them', async () => {
    const headers = newKey()
    const calls = Array.from({ length: 5 }, (_, index) =>
      world.call('createOrganisation', {
        as: world.admin,
        body: { name: `${headers['idempotency-key']} ${index}` },
        headers,
      }),
    )
    expect((await Promise.all(calls)).map(({ status }) => status).sort()).toEqual([200, 422, 422, 422, 422])
    const names = (await stored.rows('organisations')).map(({ name }) => name)
    expect(names.filter((name) => name.startsWith(headers['idempotency-key']))).toHaveLength(1)
  })
})
