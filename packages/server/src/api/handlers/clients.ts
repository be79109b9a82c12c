import type { Client as ClientBody } from '@tract/contract'
import { v7 as uuidv7 } from 'uuid'
import type { Issue } from '../../accept/refusal.js'
import { Refusal } from '../../accept/refusal.js'
import type { ClientRow, PrismaTransaction, PrismaTypes } from '../../accounts/prisma.js'
import { checkClientJwks } from '../../authentication/client-jwks.js'
import { announceAccessChange } from '../../authentication/revocations.js'
import { OPERATOR_SCOPE } from '../../authentication/session.js'
import { newClientSecret } from '../../database/new-secrets.js'
import type { Handlers } from '../../generated/handlers.js'
import { isScopeOf } from '../acting.js'
import type { Call } from '../call.js'
import { defined, page, uuidCursor } from '../documents/pages.js'
import { ContractViolation } from '../errors.js'
import type { Services } from '../services.js'
import { listenerNotFound, organisationNotFound } from './provisioning.js'

const ROTATION_MS = 24 * 3_600_000
/** Serialises changes of operators' clients, so that two of them cannot each remove the other as the last. */
const OPERATORS_LOCK = 748_201_337

type Operation = 'createClient' | 'listClients' | 'updateClient' | 'rotateClientSecret'

export function clientHandlers({ prisma, pool, authentication }: Services): Pick<Handlers<Call>, Operation> {
  return {
    createClient: async ({ body }, call) => {
      const { organisation_id = null, listener_id = null, name, scopes, jwks } = body
      await checkJwks(jwks)
      return call.provision(async (transaction) => {
        const kind =
          organisation_id === null || listener_id === null
            ? null
            : await kindOf(transaction, organisation_id, listener_id)
        checkScopes(scopes, kind)
        const secret = jwks ? null : newClientSecret()
        const now = new Date()
        const client = await transaction.client.create({
          data: {
            client_id: uuidv7(),
            organisation_id,
            listener_id,
            name,
            scopes,
            ...(jwks && { jwks: jwks as PrismaTypes.InputJsonObject }),
            ...(secret && { secret_hash: new Uint8Array(secret.hash) }),
            created_at: now,
            updated_at: now,
          },
        })
        return { client: toClient(client), ...(secret && { client_secret: secret.secret }) }
      })
    },

    listClients: async ({ query }) => {
      const { organisation_id, limit = 50, after } = query
      if (
        organisation_id !== undefined &&
        !(await prisma.organisation.findUnique({ where: { id: organisation_id } }))
      ) {
        throw organisationNotFound(organisation_id)
      }
      const rows = await prisma.client.findMany({
        where: {
          ...(organisation_id !== undefined && { organisation_id }),
          ...(after !== undefined && { client_id: { gt: uuidCursor(after) } }),
        },
        orderBy: { client_id: 'asc' },
        take: limit + 1,
      })
      const { items, next } = page(rows, limit, ({ client_id }) => client_id)
      return { clients: items.map(toClient), ...next }
    },

    updateClient: async ({ body }, call) => {
      const { client_id, jwks, ...changes } = body
      await checkJwks(jwks)
      const updated = await call.provision(async (transaction) => {
        await transaction.$executeRaw`select pg_advisory_xact_lock(${OPERATORS_LOCK})`
        const client = await find(transaction, client_id)
        if (changes.scopes)
          checkScopes(
            changes.scopes,
            client.listener_id === null
              ? null
              : await kindOf(transaction, client.organisation_id as string, client.listener_id),
          )
        if (changes.enabled === false) await checkNotLastOperator(transaction, client)
        const data = {
          ...defined(changes),
          ...(jwks && { jwks: jwks as PrismaTypes.InputJsonObject }),
          updated_at: new Date(),
        }
        return toClient(await transaction.client.update({ where: { client_id }, data }))
      })
      if (changes.enabled !== undefined) {
        await announceAccessChange(pool)
        await authentication.refreshAccess()
      }
      return updated
    },

    rotateClientSecret: ({ body }, call) =>
      call.provision(async (transaction) => {
        const client = await find(transaction, body.client_id)
        if (client.secret_hash === null) {
          throw new ContractViolation([
            { path: '/client_id', message: 'authenticates by private_key_jwt and has no secret; update its jwks' },
          ])
        }
        const { secret, hash } = newClientSecret()
        const now = new Date()
        const previous = new Date(now.getTime() + ROTATION_MS)
        await transaction.client.update({
          where: { client_id: client.client_id },
          data: {
            secret_hash: new Uint8Array(hash),
            previous_secret_hash: client.secret_hash,
            previous_secret_expires_at: previous,
            updated_at: now,
          },
        })
        return { client_id: client.client_id, client_secret: secret, previous_valid_until: previous.toISOString() }
      }),
  }
}

async function find(transaction: PrismaTransaction, clientId: string): Promise<ClientRow> {
  const client = await transaction.client.findUnique({ where: { client_id: clientId } })
  if (!client) throw new Refusal('client_not_found', `There is no client ${clientId}.`)
  return client
}

async function kindOf(transaction: PrismaTransaction, organisationId: string, listenerId: string): Promise<string> {
  if (!(await transaction.organisation.findUnique({ where: { id: organisationId } })))
    throw organisationNotFound(organisationId)
  const listener = await transaction.listener.findFirst({
    where: { organisation_id: organisationId, listener_id: listenerId },
  })
  if (!listener) throw listenerNotFound(listenerId)
  return listener.kind
}

/** What a client is for bounds what it may hold: operators provision, vendors never speak for the platform. */
function checkScopes(scopes: readonly string[], kind: string | null): void {
  const refused = scopes.filter((scope) => (kind === null ? scope !== OPERATOR_SCOPE : !isScopeOf(kind, scope)))
  if (refused.length === 0) return
  const whose = kind === null ? "an operator's client" : `the client of a listener of kind ${kind}`
  throw new ContractViolation([{ path: '/scopes', message: `${refused.join(', ')} is not for ${whose}` }])
}

async function checkJwks(jwks: unknown): Promise<void> {
  const issues: Issue[] = jwks === undefined ? [] : await checkClientJwks(jwks)
  if (issues.length > 0)
    throw new ContractViolation(issues.map(({ path, message }) => ({ path: `/jwks${path}`, message })))
}

async function checkNotLastOperator(transaction: PrismaTransaction, client: ClientRow): Promise<void> {
  if (client.organisation_id !== null || !client.enabled) return
  const others = await transaction.client.count({
    where: {
      organisation_id: null,
      enabled: true,
      client_id: { not: client.client_id },
      scopes: { has: OPERATOR_SCOPE },
    },
  })
  if (others === 0) throw new Refusal('last_operator', `This is the last enabled client with ${OPERATOR_SCOPE}.`)
}

const toClient = (row: ClientRow): ClientBody => ({
  client_id: row.client_id,
  ...(row.organisation_id !== null && { organisation_id: row.organisation_id }),
  ...(row.listener_id !== null && { listener_id: row.listener_id }),
  name: row.name,
  scopes: row.scopes as ClientBody['scopes'],
  ...(row.jwks !== null && { jwks: row.jwks as never }),
  enabled: row.enabled,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})
