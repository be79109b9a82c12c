import type { Client } from '@tract/contract'
import { Refusal } from '../../accept/refusal.js'
import type { AccountRecords } from '../../accounts/accounts.js'
import { checkClientJwks } from '../../authentication/client-jwks.js'
import { announceAccessChange } from '../../authentication/revocations.js'
import { OPERATOR_SCOPE } from '../../authentication/session.js'
import { isScopeOf } from '../acting.js'
import type { Call } from '../call.js'
import { page, uuidCursor } from '../documents/pages.js'
import { ContractViolation } from '../errors.js'
import { found, organisationNotFound } from '../found.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

export function clientHandlers({ accounts, pool, authentication }: Services) {
  return {
    createClient: async ({ body }, call) => {
      await checkJwks(body.jwks)
      return call.provision(async (accounts) => {
        await checkScopes(accounts, body.scopes, body)
        return accounts.createClient(body)
      })
    },

    listClients: async ({ query }) => {
      const { organisation_id, limit = 50, after } = query
      if (organisation_id !== undefined && !(await accounts.hasOrganisation(organisation_id)))
        throw organisationNotFound(organisation_id)
      const rows = await accounts.listClients(organisation_id, {
        limit: limit + 1,
        after: after === undefined ? undefined : uuidCursor(after),
      })
      const { items, next } = page(rows, limit, ({ client_id }) => client_id)
      return { clients: items, ...next }
    },

    updateClient: async ({ body }, call) => {
      const { client_id, jwks, scopes, enabled } = body
      await checkJwks(jwks)
      const updated = await call.provision(async (accounts) => {
        await accounts.lockOperators()
        const client = found((await accounts.findClient(client_id)) ?? 'no_client', { client: client_id })
        if (scopes) await checkScopes(accounts, scopes, client)
        if (enabled === false) await checkNotLastOperator(accounts, client)
        return accounts.changeClient(body)
      })
      if (enabled !== undefined) {
        await announceAccessChange(pool)
        await authentication.refreshAccess()
      }
      return updated
    },

    rotateClientSecret: ({ body }, call) =>
      call.provision(async (accounts) => {
        const rotated = found(await accounts.rotateClientSecret(body.client_id), { client: body.client_id })
        if (rotated !== 'no_secret') return rotated
        throw new ContractViolation([
          { path: '/client_id', message: 'authenticates by private_key_jwt and has no secret; update its jwks' },
        ])
      }),
  } satisfies Partial<Handlers<Call>>
}

/** What a client is for bounds what it may hold: operators provision, vendors never speak for the platform. */
async function checkScopes(
  accounts: AccountRecords,
  scopes: readonly string[],
  { organisation_id, listener_id }: Pick<Client, 'organisation_id' | 'listener_id'>,
): Promise<void> {
  const kind =
    organisation_id === undefined || listener_id === undefined
      ? null
      : found(await accounts.findKind(organisation_id, listener_id), {
          organisation: organisation_id,
          listener: listener_id,
        }).kind
  const refused = scopes.filter((scope) => (kind === null ? scope !== OPERATOR_SCOPE : !isScopeOf(kind, scope)))
  if (refused.length === 0) return
  const whose = kind === null ? "an operator's client" : `the client of a listener of kind ${kind}`
  throw new ContractViolation([{ path: '/scopes', message: `${refused.join(', ')} is not for ${whose}` }])
}

async function checkJwks(jwks: unknown): Promise<void> {
  const issues = jwks === undefined ? [] : await checkClientJwks(jwks)
  if (issues.length > 0)
    throw new ContractViolation(issues.map(({ path, message }) => ({ path: `/jwks${path}`, message })))
}

async function checkNotLastOperator(accounts: AccountRecords, client: Client): Promise<void> {
  if (client.organisation_id !== undefined || !client.enabled) return
  if (!(await accounts.hasOperatorBeside(client.client_id, OPERATOR_SCOPE)))
    throw new Refusal('last_operator', `This is the last enabled client with ${OPERATOR_SCOPE}.`)
}
