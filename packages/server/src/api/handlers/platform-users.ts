import { finish, openSession } from '../../accept/sessions.js'
import { eraseAndTell, tellOfChange } from '../../accept/user-news.js'
import { tellUser } from '../../accept/users.js'
import { nameOf, userKey } from '../../lanes/user-key.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'
import { toUser } from './users.js'

export function platformUserHandlers({ organisations, box }: Services) {
  return {
    upsertUser: ({ body }, call) => {
      const { user_id: userId, ...changes } = body
      const key = userKey(call.caller.organisationId, userId)
      return call.transact(
        async (work) => {
          const { user, change } = await tellUser(work, key, changes, '', box.mark(nameOf(key)))
          if (change) {
            const session = await openSession(work, organisations, key)
            tellOfChange(session, change, call.caller.listener, work.now)
            await finish(work, session)
          }
          return toUser(user)
        },
        { userId },
      )
    },

    // The answer holds nothing of the user, so its key stays when the user's others go.
    eraseUser: ({ body }, call) => {
      const key = userKey(call.caller.organisationId, body.user_id)
      return call.transact(
        async (work) => {
          const session = await openSession(work, organisations, key)
          const { messages, deliveries } = await eraseAndTell(work, session, call.caller.listener, box)
          return { success: true as const, messages, deliveries }
        },
        { userId: body.user_id, outlivesUser: true },
      )
    },
  } satisfies Partial<Handlers<Call>>
}
