import { randomUUID } from 'node:crypto'
import { ok } from '@tract/testing/call'
import { failure, type OperationName, type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

/** A hook of the SAC's, which no other recipe uses, gone again when the next one is registered. */
async function hook({ call, cast, receiver }: RecipeWorld, subcategory: string): Promise<string> {
  const body = { category: 'aeu_events', subcategory, url: `${receiver.url}/aeu_events.${subcategory}` }
  return (await ok(call('registerHook', { as: cast.sac, body }))).id
}

const ONE_HOOK: OperationName[] = ['unregisterHook', 'enableHook', 'disableHook', 'rotateHookSecret', 'testHook']

export const hookRecipes: Recipe[] = [
  success('registerHook', 'it is the first registration', ({ call, cast, receiver }) =>
    call('registerHook', {
      as: cast.sac,
      body: { category: 'message', subcategory: 'read', url: `${receiver.url}/message.read` },
    }),
  ),
  success('registerHook', 'the hook moves', async (world) => {
    await hook(world, 'received')
    const body = { category: 'aeu_events', subcategory: 'received', url: `${world.receiver.url}/moved` }
    return world.call('registerHook', { as: world.cast.sac, body })
  }),
  failure('registerHook', 400, 'unknown_hook', 'there is no such hook', ({ call, cast }) =>
    call('registerHook', {
      as: cast.sac,
      body: { category: 'message', subcategory: 'unread', url: 'https://example.com/' },
    }),
  ),
  failure('registerHook', 400, 'url_refused', 'the URL is of a private network', ({ call, cast }) =>
    call('registerHook', {
      as: cast.sac,
      body: { category: 'message', subcategory: 'receive', url: 'https://10.0.0.7/' },
    }),
  ),
  success('listHooks', 'there are hooks, one of them disabled', async (world) => {
    const id = await hook(world, 'transition_aeu')
    await ok(world.call('disableHook', { as: world.cast.sac, body: { id, reason: 'a pause' } }))
    const answer = await world.call('listHooks', { as: world.cast.sac })
    if (answer.body.hooks.length < 1) throw new Error('there are no hooks')
    return answer
  }),
  ...ONE_HOOK.flatMap((operation) => [
    success(operation, "the hook is the listener's", async (world) => {
      const id = await hook(world, 'transition_team')
      return world.call(operation, { as: world.cast.sac, body: { id } })
    }),
    failure(operation, 404, 'hook_not_found', 'there is no such hook', (world) =>
      world.call(operation, { as: world.cast.sac, body: { id: randomUUID() } }),
    ),
  ]),
  success('testHook', 'the receiver refuses the sample', async (world) => {
    const body = { category: 'aeu_events', subcategory: 'user_timeout', url: 'http://127.0.0.1:9/' }
    const { id } = await ok(world.call('registerHook', { as: world.cast.sac, body }))
    return world.call('testHook', { as: world.cast.sac, body: { id } })
  }),
  success('streamHooks', 'nothing has come yet', async ({ call, cast }) => {
    const { stream } = await ok(call('streamHooks', { as: cast.md, body: {} }))
    return call('streamHooks', { as: cast.md, body: { stream, wait: 0 } })
  }),
  success('streamHooks', 'an attempt is under way', async ({ call, cast }) => {
    const body = { category: 'message', subcategory: 'sent', url: 'tract:stream' }
    const { id } = await ok(call('registerHook', { as: cast.sac, body }))
    const { stream } = await ok(call('streamHooks', { as: cast.sac, body: {} }))
    const tested = call('testHook', { as: cast.sac, body: { id } })
    const part = await call('streamHooks', { as: cast.sac, body: { stream } })
    const answers = part.body.attempts.map((attempt: { id: string }) => ({ id: attempt.id, status: 200 }))
    await ok(call('answerHooks', { as: cast.sac, body: { answers } }))
    await tested
    return part
  }),
  failure('streamHooks', 409, 'stream_replaced', 'the listener has opened another', async ({ call, cast }) => {
    const { stream } = await ok(call('streamHooks', { as: cast.desk, body: {} }))
    await ok(call('streamHooks', { as: cast.desk, body: {} }))
    return call('streamHooks', { as: cast.desk, body: { stream } })
  }),
  success('answerHooks', 'nobody waits for the answer', ({ call, cast }) =>
    call('answerHooks', { as: cast.desk, body: { answers: [{ id: randomUUID(), status: 200 }] } }),
  ),
]
