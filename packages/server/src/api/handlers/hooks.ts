import { eventCatalogue, wireSubtype } from '@tract/contract'
import { unknownName } from '../../accept/events/unknown-name.js'
import { Refusal } from '../../accept/refusal.js'
import type { AccountRecords } from '../../accounts/accounts.js'
import type { ListenerKey } from '../../accounts/listeners.js'
import type { ChangedHook } from '../../accounts/records/hooks.js'
import type { Absent } from '../../accounts/records/records.js'
import { faultPoint } from '../../database/fault-points.js'
import type { HookCalls } from '../../deliver/hook-calls.js'
import type { Call } from '../call.js'
import { found } from '../found.js'
import { sampleOf } from '../hook-samples.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

export function hookHandlers({ accounts, hookCalls }: Services) {
  const change = <Result>(call: Call, operate: Operate<Result>) => changeHook(hookCalls, call, operate)
  return {
    registerHook: async ({ body }, call) => {
      const { caller } = call
      const { category, signing_secret } = body
      const subcategory = wireSubtype(category, body.subcategory)
      checkKnown(category, subcategory)
      const form = await hookCalls.vetUrl(body.url)
      if ('refused' in form)
        throw new Refusal('url_refused', `The URL is refused: ${form.refused}.`, [
          { path: '/url', message: form.refused },
        ])
      let isChanged = false
      const registered = await call.provision(async (accounts) => {
        const done = await accounts.registerHook(caller, { category, subcategory, url: form.url, signing_secret })
        isChanged = done.isChanged
        return done.hook
      })
      faultPoint('hook.after-commit')
      if (isChanged || call.isRepeated) await hookCalls.wakeListener(caller.organisationId, caller.listener)
      return registered
    },

    listHooks: async (_input, { caller }) => ({ hooks: await accounts.listHooks(caller) }),

    unregisterHook: ({ body }, call) => change(call, (accounts, owner) => accounts.removeHook(owner, body.id)),

    enableHook: ({ body }, call) => change(call, (accounts, owner) => accounts.enableHook(owner, body.id)),

    disableHook: ({ body }, call) =>
      change(call, (accounts, owner) => accounts.disableHook(owner, body.id, body.reason ?? null)),

    rotateHookSecret: ({ body }, call) => change(call, (accounts, owner) => accounts.rotateHookSecret(owner, body.id)),

    testHook: async ({ body }, call) => {
      const { caller } = call
      const hook = found((await accounts.findOwnHook(caller, body.id)) ?? 'no_hook', {})
      const { url, secrets, category, subcategory } = hook
      call.stepOut()
      const tested = { url, secrets, ...caller, category, subcategory }
      return hookCalls.test(tested, sampleOf(category, subcategory))
    },
  } satisfies Partial<Handlers<Call>>
}

type Operate<Result> = (accounts: AccountRecords, owner: ListenerKey) => Promise<ChangedHook<Result> | Absent<'hook'>>

/** Changes one of the caller's hooks; then its lanes are looked at again, unless the hook was as wanted already. */
async function changeHook<Result>({ wakeListener }: HookCalls, call: Call, operate: Operate<Result>): Promise<Result> {
  const { caller } = call
  let isChanged = false
  const result = await call.provision(async (accounts) => {
    const changed = found(await operate(accounts, caller), {})
    isChanged = changed.isChanged
    return changed.result
  })
  // a call comes again where the process that changed the hook died before it had woken the lanes
  if (!isChanged && !call.isRepeated) return result
  faultPoint('hook.after-commit')
  await wakeListener(caller.organisationId, caller.listener)
  return result
}

function checkKnown(category: string, subcategory: string): void {
  if (eventCatalogue.some((event) => event.type === category && event.subtype === subcategory)) return
  throw unknownName('hook', category, subcategory, ['category', 'subcategory'])
}
