import { changeControl } from '../../accept/change-control.js'
import { Refusal } from '../../accept/refusal.js'
import { readThread } from '../../accept/threads.js'
import { readStatements } from '../../accounts/availability/availability.js'
import { userKey } from '../../lanes/user-key.js'
import { defaultListener, isPrimary, mayHoldControl } from '../../threads/roles.js'
import { hearsThread } from '../../threads/routing.js'
import type { RefusalCode, Thread, Refusal as ThreadRefusal } from '../../threads/types.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

/** Thread control refuses some commands of other operations with these; a change of control is never refused so. */
type ControlRefusal = Exclude<RefusalCode, 'not_in_control' | 'no_default_receiver' | 'conversation_over'>

export function threadControlHandlers({ pool, organisations }: Services) {
  return {
    listThreadListeners: async ({ body }, { caller }) => {
      const read = await readThread(pool, userKey(caller.organisationId, body.user_id))
      const organisation = read && (await organisations.at(pool, caller.organisationId, read.configVersion))
      if (!read || !organisation) throw new Refusal('user_not_found', `The organisation has no user ${body.user_id}.`)
      const listeners = [...organisation.listeners.values()].map((listener) => ({
        ...listener,
        reachable: true,
        failingSince: null,
        closed: false,
        reopensAt: null,
      }))
      const now = new Date()
      const statements = await readStatements(pool, caller.organisationId, null, now)
      const byDefault = defaultListener({ listeners, policy: organisation })
      const thread = read.thread as Thread
      const self = listeners.find(({ id }) => id === caller.listener)
      const context = self && hearsThread(self, thread) ? thread.memory.context : null
      return {
        listeners: listeners
          .filter(({ enabled }) => enabled)
          .map((listener) => ({
            id: listener.id,
            kind: listener.kind,
            name: listener.name,
            is_default: listener.id === byDefault?.id,
            is_primary: isPrimary(listener),
            active: listener.id === thread.owner,
            ...(listener.id === thread.owner && context && { context }),
            ...(mayHoldControl(listener) && { availability: statements.at(listener, undefined, now) }),
          })),
      }
    },
    requestThreadControl: ({ body }, call) => {
      const { caller } = call
      const { user_id: userId, type, requester, receiver, context } = body
      const { conversation_number: conversationNumber, when_closed: whenClosed } = body
      return call.transact(async (work) => {
        const { decision, thread } = await changeControl(work, organisations, caller, {
          userId,
          type,
          requester,
          receiver,
          conversationNumber,
          context,
          whenClosed,
        })
        if (decision.ok) {
          const { pendingRequest } = thread
          const pending = decision.outcome === 'pending' && pendingRequest
          return {
            success: true,
            owner: thread.owner,
            epoch: thread.epoch,
            ...(pending
              ? { status: 'pending' as const, expires_at: new Date(pendingRequest.expiresAt).toISOString() }
              : { status: 'done' as const }),
          }
        }
        return { success: false, reason: toReason(decision.refusal) }
      }, userId)
    },
  } satisfies Partial<Handlers<Call>>
}

const toReason = ({ code, message, owner, epoch, retryAfter, reopensAt }: ThreadRefusal) => ({
  code: code as ControlRefusal,
  message,
  owner,
  epoch,
  ...(retryAfter !== undefined && { retry_after: retryAfter }),
  ...(reopensAt !== undefined && { reopens_at: new Date(reopensAt).toISOString() }),
})
