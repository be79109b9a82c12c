import { SANDBOX_ORGANISATION_ID as organisation_id } from '@tract/contract/sandbox'
import { v7 as uuidv7 } from 'uuid'
import { type Credentials, PLATFORM_SCOPES, VENDOR_SCOPES } from '../first-start.js'
import { newClientSecret } from '../store/new-secrets.js'
import type { Prisma, PrismaTransaction } from '../store/prisma.js'
import type { SecretBox } from '../store/secret-box.js'
import { provisionExamples } from './examples.js'

const LISTENERS = {
  iva: { kind: 'iva', name: 'Virtual assistant', scopes: PLATFORM_SCOPES },
  message_delivery: { kind: 'md', name: 'Message delivery', scopes: PLATFORM_SCOPES },
  desk: { kind: 'ect', name: 'Agent desk', scopes: VENDOR_SCOPES },
} as const

export type PartyName = keyof typeof LISTENERS
export type PartyCredentials = Record<PartyName, Credentials>

/** Tells a party's own client from those that an operator made for the same listener. */
const CLIENT_NAME = 'Sandbox'
/** Serialises processes that start together. */
const SANDBOX_LOCK = 748_201_338
const DAY_MS = 24 * 3_600_000

/**
 * Makes what the sandbox lacks. A party gets a new secret at every start, so that none has to be kept but in the file for whoever develops; the
 * one before is good for a day more, for another process that still has it.
 * @param examples seals the secrets of what the documents' examples name; null: that is not made
 */
export async function provisionSandbox(prisma: Prisma, examples: SecretBox | null): Promise<PartyCredentials> {
  return prisma.$transaction(async (transaction) => {
    await transaction.$executeRaw`select pg_advisory_xact_lock(${SANDBOX_LOCK})`
    const times = { created_at: new Date(), updated_at: new Date() }
    const organisation = { id: organisation_id, name: 'Sandbox', ...times }
    await transaction.organisation.upsert({ where: { id: organisation_id }, create: organisation, update: {} })
    const credentials: Partial<PartyCredentials> = {}
    for (const [listener_id, { scopes, ...listener }] of Object.entries(LISTENERS)) {
      const is_primary = listener.kind === 'iva'
      await transaction.listener.upsert({
        where: { organisation_id_listener_id: { organisation_id, listener_id } },
        create: { organisation_id, listener_id, is_primary, ...listener, ...times },
        update: {},
      })
      credentials[listener_id as PartyName] = await renewClient(transaction, listener_id, [...scopes])
    }
    if (examples) await provisionExamples(transaction, examples)
    return credentials as PartyCredentials
  })
}

async function renewClient(transaction: PrismaTransaction, listener_id: string, scopes: string[]) {
  const { secret, hash } = newClientSecret()
  const now = new Date()
  const secret_hash = new Uint8Array(hash)
  const known = await transaction.client.findFirst({ where: { organisation_id, listener_id, name: CLIENT_NAME } })
  const client_id = known?.client_id ?? uuidv7()
  if (known) {
    const previous_secret_expires_at = new Date(now.getTime() + DAY_MS)
    const previous = { previous_secret_hash: known.secret_hash, previous_secret_expires_at }
    await transaction.client.update({ where: { client_id }, data: { secret_hash, ...previous, updated_at: now } })
  } else {
    const times = { created_at: now, updated_at: now }
    const client = { client_id, organisation_id, listener_id, name: CLIENT_NAME, scopes, secret_hash, ...times }
    await transaction.client.create({ data: client })
  }
  return { client_id, client_secret: secret }
}
