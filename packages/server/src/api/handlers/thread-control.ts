import type { ThreadRequest } from '@tract/contract'
import { changeControl } from '../../accept/change-control.js'
import { Refusal } from '../../accept/refusal.js'
import { readThread } from '../../accept/threads.js'
import { readStatements } from '../../accounts/availability/availability.js'
import { userKey } from '../../lanes/user-key.js'
import { defaultListener, isPrimary, mayHoldControl } from '../../threads/roles.js'
import { hearsThread } from '../../threads/routing.js'
import type { Offer, RefusalCode, Thread, Refusal as ThreadRefusal } from '../../threads/types.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'
import { offerView } from './offer-view.js'

/** Thread control refuses some commands of other operations with these; a change of control is never refused so. */
type ControlRefusal = Exclude<RefusalCode, 'not_in_control' | 'no_default_receiver' | 'conversation_over' | 'no_offer'>

export function threadControlHandlers({ pool, pools, organisations }: Services) {
  return {
    listThreadListeners: async ({ body }, { caller }) => {
      const key = userKey(caller.organisationId, body.user_id)
      const read = await readThread(pools.of(key.bucket), key)
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
      const { user_id: userId, type, requester, receiver, context, when_closed: whenClosed } = body
      const { receivers, expires_in: expiresIn, conversation_number: conversationNumber } = body
      return call.transact(
        async (work) => {
          const said = { context, whenClosed, receivers, expiresIn, conversationNumber }
          const request = { userId, type, requester, receiver, ...said }
          const { decision, thread } = await changeControl(work, organisations, call.caller, request)
          if (!decision.ok) return { success: false, reason: toReason(decision.refusal) }
          const { owner, epoch } = thread
          return { success: true, owner, epoch, ...(decision.outcome === 'pending' ? asked(type, thread) : DONE) }
        },
        { userId },
      )
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

const DONE = { status: 'done' } as const

/** What is awaited: the receiver's answer to an offer, or the owner's to a request. */
function asked(type: ThreadRequest['type'], { offer, pendingRequest }: Thread) {
  const expiresAt = type === 'offer' ? offer?.expiresAt : pendingRequest?.expiresAt
  if (expiresAt === undefined) return DONE
  return {
    status: 'pending' as const,
    expires_at: new Date(expiresAt).toISOString(),
    ...(type === 'offer' && { offer: offerView(offer as Offer) }),
  }
}
