import type { Listener as ListenerBody, Organisation as OrganisationBody } from '@tract/contract'
import { v7 as uuidv7 } from 'uuid'
import { Refusal } from '../../accept/refusal.js'
import { SERVICE } from '../../accept/thread-session.js'
import { lockOrganisation } from '../../accounts/hooks.js'
import type { ListenerRow, OrganisationRow } from '../../accounts/prisma.js'
import { announceAccessChange } from '../../authentication/revocations.js'
import type { Handlers } from '../../generated/handlers.js'
import { returnThreadsOf } from '../../upkeep/run-due.js'
import type { Call } from '../call.js'
import { defined, page, uuidCursor } from '../documents/pages.js'
import { ContractViolation } from '../errors.js'
import type { Services } from '../services.js'

type Operation =
  | 'createOrganisation'
  | 'listOrganisations'
  | 'updateOrganisation'
  | 'createListener'
  | 'listListeners'
  | 'updateListener'
  | 'rotateSigningKey'

export function provisioningHandlers(services: Services): Pick<Handlers<Call>, Operation> {
  const { prisma, pool, authentication, transactions, organisations, hookCalls } = services
  return {
    createOrganisation: ({ body }, call) =>
      call.provision(async (transaction) => {
        const now = new Date()
        return toOrganisation(
          await transaction.organisation.create({
            data: { ...defined(body), id: uuidv7(), created_at: now, updated_at: now },
          }),
        )
      }),

    listOrganisations: async ({ query }) => {
      const { limit = 50, after } = query
      const rows = await prisma.organisation.findMany({
        where: after === undefined ? {} : { id: { gt: uuidCursor(after) } },
        orderBy: { id: 'asc' },
        take: limit + 1,
      })
      const { items, next } = page(rows, limit, ({ id }) => id)
      return { organisations: items.map(toOrganisation), ...next }
    },

    updateOrganisation: ({ body }, call) =>
      call.provision(async (transaction) => {
        const { organisation_id: id, ...given } = body
        const changes = defined(given)
        const find = () => transaction.organisation.findUnique({ where: { id } })
        const known = await find()
        if (!known) throw organisationNotFound(id)
        if (isAsGiven(known, changes)) return toOrganisation(known)
        if (!(await lockOrganisation(transaction, id))) throw organisationNotFound(id)
        if (typeof changes.default_listener === 'string') {
          const listener = await transaction.listener.findFirst({
            where: { organisation_id: id, listener_id: changes.default_listener, kind: { in: ['iva', 'sac', 'ect'] } },
          })
          if (!listener) throw listenerNotFound(changes.default_listener)
        }
        return toOrganisation(
          await transaction.organisation.update({ where: { id }, data: { ...changes, updated_at: new Date() } }),
        )
      }),

    createListener: ({ body }, call) =>
      call.provision(async (transaction) => {
        const {
          organisation_id,
          listener_id,
          kind,
          name = listener_id,
          is_primary = kind === 'iva' || kind === 'sac',
          ...settings
        } = body
        if (listener_id === SERVICE) {
          throw new ContractViolation([
            { path: '/listener_id', message: `must not be ${SERVICE}, which is the service's own` },
          ])
        }
        if (!(await lockOrganisation(transaction, organisation_id))) throw organisationNotFound(organisation_id)
        const key = { organisation_id, listener_id }
        if (await transaction.listener.findFirst({ where: key })) {
          throw new Refusal('listener_exists', `The organisation has a listener ${listener_id} already.`)
        }
        const now = new Date()
        const data = { ...key, kind, name, is_primary, ...defined(settings), created_at: now, updated_at: now }
        return toListener(await transaction.listener.create({ data }))
      }),

    listListeners: async ({ query }) => {
      const { organisation_id, limit = 50, after } = query
      if (!(await prisma.organisation.findUnique({ where: { id: organisation_id } })))
        throw organisationNotFound(organisation_id)
      const rows = await prisma.listener.findMany({
        where: { organisation_id, ...(after !== undefined && { listener_id: { gt: after } }) },
        orderBy: { listener_id: 'asc' },
        take: limit + 1,
      })
      const { items, next } = page(rows, limit, ({ listener_id }) => listener_id)
      return { listeners: items.map(toListener), ...next }
    },

    updateListener: async ({ body }, call) => {
      const { organisation_id, listener_id, ...given } = body
      const changes = defined(given)
      let isSwitched = false
      const listener = await call.provision(async (transaction) => {
        const key = { organisation_id, listener_id }
        const find = () => transaction.listener.findFirst({ where: key })
        const known = await find()
        if (known && isAsGiven(known, changes)) return toListener(known)
        if (!(await lockOrganisation(transaction, organisation_id))) throw organisationNotFound(organisation_id)
        const before = await find()
        if (!before) throw listenerNotFound(listener_id)
        isSwitched = changes.enabled !== undefined && changes.enabled !== before.enabled
        const where = { organisation_id_listener_id: key }
        return toListener(await transaction.listener.update({ where, data: { ...changes, updated_at: new Date() } }))
      })
      // a call that is repeated may be so because who switched the listener died before the rest was done
      if (isSwitched || (call.isRepeated && changes.enabled !== undefined)) {
        await announceAccessChange(pool)
        await authentication.refreshAccess()
        if (changes.enabled) await hookCalls.wakeListener(organisation_id, listener_id)
      }
      if (changes.enabled === false) await returnThreadsOf(transactions, organisations, organisation_id, listener_id)
      return listener
    },

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
  }
}

export const organisationNotFound = (id: string) =>
  new Refusal('organisation_not_found', `There is no organisation ${id}.`)
export const listenerNotFound = (id: string) =>
  new Refusal('listener_not_found', `The organisation has no listener ${id}.`)

/** What changes nothing is not written: every cache of the organisation would have to be read again for it. */
const isAsGiven = (row: object, changes: object): boolean =>
  Object.entries(changes).every(([name, value]) => (row as Record<string, unknown>)[name] === value)

const toOrganisation = (row: OrganisationRow): OrganisationBody => ({
  id: row.id,
  name: row.name,
  ...(row.default_listener !== null && { default_listener: row.default_listener }),
  on_request: row.on_request,
  unreachable_after: row.unreachable_after,
  ...(row.allocate_within !== null && { allocate_within: row.allocate_within }),
  idle_complete_after: row.idle_complete_after,
  history_messages: row.history_messages,
  ...(row.returned_message !== null && { returned_message: row.returned_message }),
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})

const toListener = (row: ListenerRow): ListenerBody => ({
  organisation_id: row.organisation_id,
  listener_id: row.listener_id,
  kind: row.kind,
  name: row.name,
  enabled: row.enabled,
  standby: row.standby,
  is_primary: row.is_primary,
  may_take: row.may_take,
  may_pass_to: row.may_pass_to,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})
