import type { User, UserDetails } from '@tract/contract'
import { linkUser } from '../../accept/link-user.js'
import { Refusal } from '../../accept/refusal.js'
import type { UserRecord } from '../../accept/threads.js'
import { readUser } from '../../accept/users.js'
import { userKey } from '../../lanes/user-key.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

export function userHandlers({ pools, organisations }: Services) {
  const find = async ({ caller }: Call, userId: string): Promise<UserRecord> => {
    const key = userKey(caller.organisationId, userId)
    const user = await readUser(pools.of(key.bucket), key)
    if (!user) throw new Refusal('user_not_found', `The organisation has no user ${userId}.`)
    return user
  }
  return {
    getUser: async ({ body }, call) => {
      const user = await find(call, body.user_id)
      return body.details_requested ? toDetails(user, body.details_requested) : toUser(user)
    },
    linkUser: ({ body }, call) => {
      const { user_id: userId, ect_user_id: ectUserId } = body
      return call.transact(
        async (work) => {
          await linkUser(work, organisations, call.caller, { userId, ectUserId })
          return { user_id: userId, ect_user_id: ectUserId }
        },
        { userId },
      )
    },
    getUserDetails: async ({ body }, call) => toDetails(await find(call, body.user_id), body.details_requested),
  } satisfies Partial<Handlers<Call>>
}

export const toUser = (user: UserRecord): User => ({
  user_id: user.userId,
  ...(user.thirdPartyUserId !== null && { third_party_user_id: user.thirdPartyUserId }),
  ...(user.userName !== null && { user_name: user.userName }),
  ...(user.devicePlatform !== null && { device_platform: user.devicePlatform as NonNullable<User['device_platform']> }),
  details_available: Object.keys(user.details),
})

function toDetails(user: UserRecord, requested: string[]): UserDetails {
  const names = [...new Set(requested)]
  const available = names.filter((name) => Object.hasOwn(user.details, name))
  const unavailable = names.filter((name) => !Object.hasOwn(user.details, name))
  return {
    user_id: user.userId,
    details: Object.fromEntries(available.map((name) => [name, user.details[name]])),
    ...(unavailable.length > 0 && { unavailable }),
  }
}
