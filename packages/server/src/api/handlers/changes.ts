import { Refusal } from '../../accept/refusal.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

export function changeHandlers({ changes, authentication }: Services) {
  return {
    streamChanges: async ({ query }, call) => {
      const { access } = call
      const scope = { organisationId: query.organisation_id, userId: query.user_id }
      const opened = await changes.open(scope, {
        clientId: access.clientId,
        lastId: call.lastEventId,
        counts: () => authentication.counts(access),
        answer: () => call.takeOver(),
      })
      if (!opened) throw new Refusal('rate_limited', 'The client has as many streams as it may have at once.')
      // what goes out has been taken over
      return ''
    },
  } satisfies Partial<Handlers<Call>>
}
