import { type Hook as HookBody, hooks as hookCatalogue, type RegisteredHook, wireSubtype } from '@tract/contract'
import { v7 as uuidv7 } from 'uuid'
import { Refusal } from '../../accept/refusal.js'
import { hookSecretContext, lockOrganisation, presentSecrets } from '../../accounts/hooks.js'
import type { HookRow, PrismaTransaction } from '../../accounts/prisma.js'
import { faultPoint } from '../../database/fault-points.js'
import { newHookSecret } from '../../database/new-secrets.js'
import type { StandingHook } from '../../deliver/streams/former-hooks.js'
import { STREAM_URL } from '../../deliver/streams/hook-stream-rows.js'
import type { Handlers } from '../../generated/handlers.js'
import type { Call } from '../call.js'
import { sampleOf } from '../hook-samples.js'
import type { Services } from '../services.js'

/** How long the secret before is valid beside the new one. */
const ROTATION_MS = 24 * 3_600_000

type Operation =
  | 'registerHook'
  | 'listHooks'
  | 'unregisterHook'
  | 'enableHook'
  | 'disableHook'
  | 'rotateHookSecret'
  | 'testHook'

export function hookHandlers({ prisma, box, hookCalls }: Services): Pick<Handlers<Call>, Operation> {
  /**
   * Changes one of the caller's hooks, with its organisation locked; then its lanes are looked at again. A hook that `isDone` knows to be
   * as it should is left alone: no cache has to notice, and no lane to wake.
   */
  const change = async <T>(
    call: Call,
    id: string,
    work: (transaction: PrismaTransaction, hook: HookRow) => Promise<T>,
    isDone: (hook: HookRow) => T | null = () => null,
  ): Promise<T> => {
    const { organisationId, listener } = call.caller
    const find = async (transaction: PrismaTransaction) => {
      const where = { id, organisation_id: organisationId, listener_id: listener }
      const hook = await transaction.hook.findFirst({ where })
      if (!hook) throw new Refusal('hook_not_found', 'The listener has no such hook.')
      return hook
    }
    let isChanged = false
    const result = await call.provision(async (transaction) => {
      const done = isDone(await find(transaction))
      if (done !== null) return done
      await lockOrganisation(transaction, organisationId)
      isChanged = true
      return work(transaction, await find(transaction))
    })
    // a call that is repeated may be so because who changed the hook died before the lanes were woken
    if (!isChanged && !call.isRepeated) return result
    faultPoint('hook.after-commit')
    await hookCalls.wakeListener(organisationId, listener)
    return result
  }

  return {
    registerHook: async ({ body }, call) => {
      const { organisationId, listener } = call.caller
      const { category } = body
      const subcategory = wireSubtype(category, body.subcategory)
      checkKnown(category, subcategory)
      const form = await hookCalls.vetUrl(body.url)
      if ('refused' in form)
        throw new Refusal('url_refused', `The URL is refused: ${form.refused}.`, [
          { path: '/url', message: form.refused },
        ])
      const { url } = form
      let isMoved = false
      const registered = await call.provision(async (transaction) => {
        const name = { organisation_id: organisationId, listener_id: listener, category, subcategory }
        const find = () => transaction.hook.findFirst({ where: name })
        const known = await find()
        if (known?.url === url && known.status === 'active') return toRegistered(known)
        await lockOrganisation(transaction, organisationId)
        const now = new Date()
        const before = await find()
        if (before) {
          isMoved = true
          const state = { status: 'active' as const, disabled_reason: null, failing_since: null, updated_at: now }
          const data = { url, ...state, ...former(before, url) }
          return toRegistered(await transaction.hook.update({ where: { id: before.id }, data }))
        }
        const id = uuidv7()
        const secret = newHookSecret()
        const sealed = new Uint8Array(box.seal(secret, hookSecretContext(id)))
        const hook = await transaction.hook.create({
          data: { ...name, id, url, status: 'active', secret: sealed, created_at: now, updated_at: now },
        })
        return { ...toRegistered(hook), signing_secret: secret }
      })
      faultPoint('hook.after-commit')
      if (isMoved || call.isRepeated) await hookCalls.wakeListener(organisationId, listener)
      return registered
    },

    listHooks: async (_input, { caller }) => {
      const hooks = await prisma.hook.findMany({
        where: { organisation_id: caller.organisationId, listener_id: caller.listener },
        orderBy: [{ category: 'asc' }, { subcategory: 'asc' }],
      })
      return { hooks: hooks.map(toHook) }
    },

    unregisterHook: ({ body }, call) =>
      change(call, body.id, async (transaction, { id }) => {
        await transaction.hook.delete({ where: { id } })
        return { success: true as const }
      }),

    enableHook: ({ body }, call) =>
      change(
        call,
        body.id,
        async (transaction, { id }) => {
          const active = {
            status: 'active' as const,
            disabled_reason: null,
            failing_since: null,
            updated_at: new Date(),
          }
          const data = { ...active, former_status: null, former_disabled_reason: null }
          return toHook(await transaction.hook.update({ where: { id }, data }))
        },
        (hook) => (hook.status === 'active' ? toHook(hook) : null),
      ),

    disableHook: ({ body }, call) => {
      const reason = body.reason ?? null
      return change(
        call,
        body.id,
        async (transaction, { id }) => {
          const data = { status: 'disabled' as const, disabled_reason: reason, updated_at: new Date() }
          return toHook(await transaction.hook.update({ where: { id }, data }))
        },
        (hook) => (hook.status === 'disabled' && hook.disabled_reason === reason ? toHook(hook) : null),
      )
    },

    rotateHookSecret: ({ body }, call) =>
      change(call, body.id, async (transaction, { id, secret: previous }) => {
        const secret = newHookSecret()
        const now = new Date()
        const hook = await transaction.hook.update({
          where: { id },
          data: {
            secret: new Uint8Array(box.seal(secret, hookSecretContext(id))),
            previous_secret: previous,
            previous_secret_expires_at: new Date(now.getTime() + ROTATION_MS),
            updated_at: now,
          },
        })
        return { ...toRegistered(hook), signing_secret: secret }
      }),

    testHook: async ({ body }, call) => {
      const { organisationId, listener } = call.caller
      const hook = await prisma.hook.findFirst({
        where: { id: body.id, organisation_id: organisationId, listener_id: listener },
      })
      if (!hook) throw new Refusal('hook_not_found', 'The listener has no such hook.')
      const { url, category, subcategory } = hook
      call.stepOut()
      const result = await hookCalls.test(
        { url, secrets: presentSecrets(box, hook, new Date()), organisationId, listener, category, subcategory },
        sampleOf(category, subcategory),
      )
      return {
        acknowledged: result.acknowledged,
        duration_ms: result.durationMs,
        ...(result.atFault !== undefined && { at_fault: result.atFault }),
        ...(result.status !== undefined && { status: result.status }),
        ...(result.error !== undefined && { error: result.error }),
        ...(result.answer !== undefined && { answer: result.answer }),
      }
    },
  }
}

function checkKnown(category: string, subcategory: string): void {
  if (hookCatalogue.some((hook) => hook.category === category && hook.subcategory === subcategory)) return
  const known = hookCatalogue.map((hook) => `${hook.category}/${hook.subcategory}`).join(', ')
  const path = hookCatalogue.some((hook) => hook.category === category) ? '/subcategory' : '/category'
  throw new Refusal('unknown_hook', `There is no hook ${category}/${subcategory}; known are: ${known}.`, [
    { path, message: 'is not in the catalogue' },
  ])
}

/** At the stream, a hook keeps how it stood before; anywhere else there is nothing to go back to. */
function former({ url, status, disabled_reason }: HookRow, to: string) {
  if (to !== STREAM_URL) return { former_url: null, former_status: null, former_disabled_reason: null }
  if (url === STREAM_URL) return {}
  const isDisabled = status === 'disabled'
  return {
    former_url: url,
    former_status: isDisabled ? status : null,
    former_disabled_reason: isDisabled ? disabled_reason : null,
  }
}

const toRegistered = ({ id, category, subcategory, url, status }: StandingHook): RegisteredHook => ({
  id,
  category,
  subcategory,
  url,
  status,
})

export const toHook = (hook: StandingHook): HookBody => ({
  ...(toRegistered(hook) as Pick<HookBody, 'id' | 'category' | 'subcategory' | 'url' | 'status'>),
  ...(hook.disabled_reason !== null && { disabled_reason: hook.disabled_reason }),
  ...(hook.former_url !== null && { former_url: hook.former_url }),
  created_at: hook.created_at.toISOString(),
  updated_at: hook.updated_at.toISOString(),
})
