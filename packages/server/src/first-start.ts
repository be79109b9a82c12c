import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import type { Config } from './config.js'
import { newClientSecret } from './store/new-secrets.js'
import type { Prisma, PrismaTransaction } from './store/prisma.js'

export interface Credentials {
  client_id: string
  client_secret: string
}

/** What the first start leaves in `demo.json`. */
export interface Demo {
  url: string
  organisation: string
  listeners: Record<'iva' | 'message_delivery' | 'desk', Credentials>
  admin: Credentials
  /** The sandbox's listeners, where there is a sandbox. */
  sandbox?: Demo['listeners']
}

export const VENDOR_SCOPES = [
  'hooks',
  'users:read',
  'messages:write',
  'events:write',
  'threads:read',
  'threads:control',
  'deliveries',
]
export const PLATFORM_SCOPES = [...VENDOR_SCOPES, 'platform:users', 'platform:messages', 'platform:events']

const LISTENERS = {
  iva: { kind: 'iva', name: 'Virtual assistant', scopes: PLATFORM_SCOPES },
  message_delivery: { kind: 'md', name: 'Message delivery', scopes: PLATFORM_SCOPES },
  // out of standby, so that a pass shows the history that it brings along
  desk: { kind: 'ect', name: 'Agent desk', scopes: VENDOR_SCOPES, standby: false },
} as const

/** Serialises processes that start together on an empty database. */
const FIRST_START_LOCK = 748_201_336

/**
 * A service that nobody can sign in to is of no use: where no operator's client exists, makes one, and in development a demo organisation
 * as well. Secrets are kept hashed, so the file written here is the only place where these stand. Answers the file, if there is one.
 */
export async function firstStart(prisma: Prisma, config: Config, url: string): Promise<string | null> {
  const file = join(config.dataDir, config.production ? 'admin.json' : 'demo.json')
  await prisma.$transaction(async (transaction) => {
    await transaction.$executeRaw`select pg_advisory_xact_lock(${FIRST_START_LOCK})`
    if ((await transaction.client.count({ where: { organisation_id: null } })) > 0) return
    const admin = await createClient(transaction, { name: 'Operator', scopes: ['platform:admin'] })
    const written = config.production ? { url, admin } : { url, ...(await createDemo(transaction)), admin }
    // written before the commit: credentials that were not committed are replaced at the next start, lost ones could not be
    await writeSecretFile(file, `${JSON.stringify(written, null, 2)}\n`)
  })
  if (!existsSync(file)) return null
  await keepUrl(file, url)
  return file
}

/** The same data may be started on another port: whoever reads the file finds the service where it is now. */
async function keepUrl(file: string, url: string): Promise<void> {
  const written = JSON.parse(await readFile(file, 'utf8'))
  if (written.url !== url) await writeSecretFile(file, `${JSON.stringify({ ...written, url }, null, 2)}\n`)
}

/** In development the sandbox's clients stand beside the demo's, with the secrets of this start: so that they can be called as by a vendor. */
export async function keepSandbox(file: string, sandbox: Demo['listeners']): Promise<void> {
  const written = JSON.parse(await readFile(file, 'utf8'))
  await writeSecretFile(file, `${JSON.stringify({ ...written, sandbox }, null, 2)}\n`)
}

async function createDemo(transaction: PrismaTransaction): Promise<Pick<Demo, 'organisation' | 'listeners'>> {
  const now = new Date()
  const organisation = uuidv7()
  await transaction.organisation.create({ data: { id: organisation, name: 'Demo', created_at: now, updated_at: now } })
  const listeners: Partial<Demo['listeners']> = {}
  for (const [listener_id, { scopes, ...listener }] of Object.entries(LISTENERS)) {
    await transaction.listener.create({
      data: {
        organisation_id: organisation,
        listener_id,
        is_primary: listener.kind === 'iva',
        ...listener,
        created_at: now,
        updated_at: now,
      },
    })
    listeners[listener_id as keyof typeof LISTENERS] = await createClient(transaction, {
      name: listener.name,
      scopes: [...scopes],
      organisation_id: organisation,
      listener_id,
    })
  }
  return { organisation, listeners: listeners as Demo['listeners'] }
}

async function createClient(
  transaction: PrismaTransaction,
  client: { name: string; scopes: string[]; organisation_id?: string; listener_id?: string },
): Promise<Credentials> {
  const { secret, hash } = newClientSecret()
  const now = new Date()
  const client_id = uuidv7()
  await transaction.client.create({
    data: { ...client, client_id, secret_hash: new Uint8Array(hash), created_at: now, updated_at: now },
  })
  return { client_id, client_secret: secret }
}

async function writeSecretFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomBytes(4).toString('hex')}`
  await writeFile(temporary, text, { mode: 0o600, flush: true })
  await rename(temporary, file)
}
