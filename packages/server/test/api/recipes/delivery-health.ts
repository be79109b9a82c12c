import { type Answer, ok } from '@tract/testing/call'
import { until } from '@tract/testing/until'
import { type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

/** A delivery that TRACT cannot make, since the secret that it would sign with is not to be read. */
async function fault({ service, call, receiver, newUserId }: RecipeWorld): Promise<string> {
  const { organisation, listeners } = await service.world({ iva: 'iva', md: 'md' })
  await receiver.hear(listeners.iva, 'message.receive')
  await service.stored.change('hooks', { secret: Buffer.of(0) }, { organisation_id: organisation })
  const body = { user_id: newUserId(), message_body: 'Hello', sender: 'ceu', user: {} }
  await ok(call('sendPlatformMessage', { as: listeners.md, body }))
  return organisation
}

export const deliveryHealthRecipes: Recipe[] = [
  success('listDeliveryHealth', 'there is more than a page', (world) =>
    world.call('listDeliveryHealth', { as: world.admin, query: { limit: '1' } }),
  ),
  success('listDeliveryHealth', 'one organisation is meant', (world) =>
    world.call('listDeliveryHealth', { as: world.admin, query: { organisation_id: world.organisation } }),
  ),
  success('getOverview', 'something was delivered', async (world) => {
    await world.conversation()
    return until<Answer | undefined>(async () => {
      const query = { organisation_id: world.organisation }
      const answer = await world.call('getOverview', { as: world.admin, query })
      return answer.body.delivered > 0 || answer.status !== 200 ? answer : undefined
    }, 'a delivery')
  }),
  success('listDeliveryFaults', 'there is a fault', async (world) => {
    const organisation_id = await fault(world)
    return until<Answer | undefined>(async () => {
      const answer = await world.call('listDeliveryFaults', { as: world.admin, query: { organisation_id } })
      return answer.body.faults?.length > 0 || answer.status !== 200 ? answer : undefined
    }, 'a fault')
  }),
]
