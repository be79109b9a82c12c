import { Refusal } from '../../accept/refusal.js'
import { lockThreads } from '../../accept/threads.js'
import { eraseUser, tellUser } from '../../accept/users.js'
import { userKey } from '../../lanes/user-key.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import { toUser } from './users.js'

export function platformUserHandlers() {
  return {
    upsertUser: ({ body }, call) => {
      const { user_id: userId, ...changes } = body
      const key = userKey(call.caller.organisationId, userId)
      return call.transact(async (work) => toUser(await tellUser(work, key, changes, '')), userId)
    },

    // The answer holds nothing of the user, so its key stays when the user's others go.
    eraseUser: ({ body }, call) => {
      const key = userKey(call.caller.organisationId, body.user_id)
      return call.transact(async ({ client }) => {
        if ((await lockThreads(client, [key])).length === 0)
          throw new Refusal('user_not_found', `The organisation has no user ${body.user_id}.`)
        return { success: true as const, ...(await eraseUser(client, key)) }
      })
    },
  } satisfies Partial<Handlers<Call>>
}
