import type { Client, ClientCreate, ClientUpdate } from '@tract/contract'
import { v7 as uuidv7 } from 'uuid'
import { newClientSecret } from '../../database/new-secrets.js'
import { wireForm } from '../../database/wire-form.js'
import type { PrismaTransaction, PrismaTypes } from '../prisma.js'
import { type Absent, defined, type PageOf } from './records.js'

/** Milliseconds for which the secret before is valid beside the new one: a vendor's deployments take a day at most. */
const ROTATION_MS = 24 * 3_600_000
/** Serialises changes of operators' clients, so that two of them cannot each remove the other as the last. */
const OPERATORS_LOCK = 748_201_337

const storedJwks = (jwks: ClientCreate['jwks']) => jwks && { jwks: jwks as PrismaTypes.InputJsonObject }

export const clientRecords = (prisma: PrismaTransaction) => ({
  /** Null: there is none. */
  async findClient(client_id: string): Promise<Client | null> {
    const row = await prisma.client.findUnique({ where: { client_id } })
    return row && wireForm('Client', row)
  },

  async listClients(organisation_id: string | undefined, { limit, after }: PageOf): Promise<Client[]> {
    const rows = await prisma.client.findMany({
      where: {
        ...(organisation_id !== undefined && { organisation_id }),
        ...(after !== undefined && { client_id: { gt: after } }),
      },
      orderBy: { client_id: 'asc' },
      take: limit,
    })
    return rows.map((row) => wireForm('Client', row))
  },

  createClient: (given: ClientCreate) => createClient(prisma, given),

  /** Until the end of the transaction, no other one changes clients of operators. */
  async lockOperators(): Promise<void> {
    await prisma.$executeRaw`select pg_advisory_xact_lock(${OPERATORS_LOCK})`
  },

  /** Is an operator's client enabled, other than this one, that holds the scope? */
  async hasOperatorBeside(client_id: string, scope: string): Promise<boolean> {
    const where = { organisation_id: null, enabled: true, client_id: { not: client_id }, scopes: { has: scope } }
    return (await prisma.client.count({ where })) > 0
  },

  async changeClient({ client_id, jwks, ...changes }: ClientUpdate): Promise<Client> {
    const data = { ...defined(changes), ...storedJwks(jwks), updated_at: new Date() }
    return wireForm('Client', await prisma.client.update({ where: { client_id }, data }))
  },

  rotateClientSecret: (client_id: string) => rotateClientSecret(prisma, client_id),
})

/** A client with keys of its own gets no secret. */
async function createClient(
  prisma: PrismaTransaction,
  given: ClientCreate,
): Promise<{ client: Client; client_secret?: string }> {
  const { organisation_id = null, listener_id = null, name, scopes, jwks } = given
  const secret = jwks ? null : newClientSecret()
  const now = new Date()
  const row = await prisma.client.create({
    data: {
      client_id: uuidv7(),
      organisation_id,
      listener_id,
      name,
      scopes,
      ...storedJwks(jwks),
      ...(secret && { secret_hash: new Uint8Array(secret.hash) }),
      created_at: now,
      updated_at: now,
    },
  })
  return { client: wireForm('Client', row), ...(secret && { client_secret: secret.secret }) }
}

/** `no_secret`: the client authenticates with keys. */
async function rotateClientSecret(
  prisma: PrismaTransaction,
  client_id: string,
): Promise<
  { client_id: string; client_secret: string; previous_valid_until: string } | Absent<'client'> | 'no_secret'
> {
  const client = await prisma.client.findUnique({ where: { client_id } })
  if (!client) return 'no_client'
  if (client.secret_hash === null) return 'no_secret'
  const { secret, hash } = newClientSecret()
  const now = new Date()
  const previous = new Date(now.getTime() + ROTATION_MS)
  await prisma.client.update({
    where: { client_id },
    data: {
      secret_hash: new Uint8Array(hash),
      previous_secret_hash: client.secret_hash,
      previous_secret_expires_at: previous,
      updated_at: now,
    },
  })
  return { client_id, client_secret: secret, previous_valid_until: previous.toISOString() }
}
