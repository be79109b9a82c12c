import type { Listener, ListenerUpdate } from '@tract/contract'
import { Refusal } from '../../accept/refusal.js'
import { SERVICE } from '../../accept/thread-session.js'
import { hoursFaults } from '../../accounts/availability/opening-hours.js'
import type { UnfitListener } from '../../accounts/records/organisations.js'
import { announceAccessChange } from '../../authentication/revocations.js'
import { returnThreadsOf } from '../../upkeep/run-due.js'
import type { Call } from '../call.js'
import { page, uuidCursor } from '../documents/pages.js'
import { ContractViolation } from '../errors.js'
import { found, organisationNotFound } from '../found.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

export function provisioningHandlers(services: Services) {
  const { accounts, authentication } = services
  return {
    createOrganisation: ({ body }, call) => call.provision((accounts) => accounts.createOrganisation(body)),

    listOrganisations: async ({ query }) => {
      const { limit = 50, after } = query
      const rows = await accounts.listOrganisations({
        limit: limit + 1,
        after: after === undefined ? undefined : uuidCursor(after),
      })
      const { items, next } = page(rows, limit, ({ id }) => id)
      return { organisations: items, ...next }
    },

    updateOrganisation: ({ body }, call) =>
      call.provision(async (accounts) => {
        const { organisation_id: organisation, ...changes } = body
        const changed = found(await accounts.changeOrganisation(organisation, changes), { organisation })
        if ('unfit' in changed) throw unfitListener(changed, changes[changed.unfit] as string)
        return changed
      }),

    createListener: ({ body }, call) =>
      call.provision(async (accounts) => {
        const { organisation_id: organisation, listener_id: listener } = body
        if (listener === SERVICE) {
          throw new ContractViolation([
            { path: '/listener_id', message: `must not be ${SERVICE}, which is the service's own` },
          ])
        }
        checkHours(body.hours)
        const created = found(await accounts.createListener(body), { organisation })
        if (created !== 'listener_exists') return created
        throw new Refusal('listener_exists', `The organisation has a listener ${listener} already.`)
      }),

    listListeners: async ({ query }) => {
      const { organisation_id, limit = 50, after } = query
      if (!(await accounts.hasOrganisation(organisation_id))) throw organisationNotFound(organisation_id)
      const rows = await accounts.listListeners(organisation_id, { limit: limit + 1, after })
      const { items, next } = page(rows, limit, ({ listener_id }) => listener_id)
      return { listeners: items, ...next }
    },

    updateListener: ({ body }, call) => updateListener(services, body, call),

    rotateSigningKey: async ({ body }, call) => {
      const rotated = await call.transact(async ({ client }) => {
        const { kid, activatesAt } = await authentication.rotateSigningKeyIn(client, {
          immediately: body.immediately ?? false,
        })
        return { kid, activates_at: activatesAt.toISOString() }
      })
      await authentication.reloadSigningKeys()
      return rotated
    },
  } satisfies Partial<Handlers<Call>>
}

function unfitListener({ unfit, kinds }: UnfitListener, id: string): Refusal {
  const what = `listener ${id} of kind ${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1)}`
  return new Refusal('listener_not_found', `The organisation has no ${what}, as its ${unfit} has to be.`, [
    { path: `/${unfit}`, message: `is no listener of kind ${kinds.join(', ')}` },
  ])
}

function checkHours(hours: ListenerUpdate['hours']): void {
  const faults = hours ? hoursFaults(hours) : []
  if (faults.length > 0)
    throw new ContractViolation(faults.map(({ path, message }) => ({ path: `/hours${path}`, message })))
}

async function updateListener(services: Services, body: ListenerUpdate, call: Call): Promise<Listener> {
  const { pool, authentication, transactions, organisations, hookCalls } = services
  const { organisation_id: organisation, listener_id: listener, enabled } = body
  let isSwitched = false
  checkHours(body.hours)
  const updated = await call.provision(async (accounts) => {
    const changed = found(await accounts.changeListener(body), { organisation, listener })
    isSwitched = changed.isSwitched
    return changed.listener
  })
  // a call comes again where the process that switched the listener died before it had done the rest
  if (isSwitched || (call.isRepeated && enabled !== undefined)) {
    await announceAccessChange(pool)
    await authentication.refreshAccess()
    if (enabled) await hookCalls.wakeListener(organisation, listener)
  }
  if (enabled === false)
    await transactions.ask((ofSlice) => returnThreadsOf(ofSlice, organisations, organisation, listener))
  return updated
}
