import { failure, type Recipe, success } from './recipe.js'

const OPEN = { status: 'open', valid_for_seconds: 60 }

export const availabilityRecipes: Recipe[] = [
  success('setAvailability', 'the desk is open', async ({ call, cast }) =>
    call('setAvailability', { as: cast.desk, body: OPEN }),
  ),
  failure('setAvailability', 403, 'availability_not_allowed', 'it never holds control', ({ call, cast }) =>
    call('setAvailability', { as: cast.md, body: OPEN }),
  ),
  success('getAvailability', 'a team has said something', async ({ call, cast }) => {
    await call('setAvailability', { as: cast.desk, body: { ...OPEN, team: 'billing' } })
    const answer = await call('getAvailability', { as: cast.md, body: {} })
    if (!answer.text.includes('"team":"billing"')) throw new Error(`the team is not there: ${answer.text}`)
    return answer
  }),
  failure('getAvailability', 404, 'listener_not_found', 'there is no such listener', ({ call, cast }) =>
    call('getAvailability', { as: cast.md, body: { receiver: 'nobody' } }),
  ),
]
