/**
 * Organisations, listeners, clients and hooks as they are set up. Other rooms reach these tables through `Accounts` or
 * through the statements of this folder; Prisma and its models stay in here, and a test holds that by type.
 */
import type pg from 'pg'
import type { Queryable } from '../database/queryable.js'
import type { SecretBox } from '../database/secret-box.js'
import { hookFor } from './hook-for.js'
import type { ListenerKey } from './listeners.js'
import { openPrisma, type PrismaTransaction, queryableOf } from './prisma.js'
import { clientRecords } from './records/clients.js'
import { hookRecords, type SigningHook } from './records/hooks.js'
import { listenerRecords } from './records/listeners.js'
import { organisationRecords } from './records/organisations.js'

type Records = ReturnType<typeof organisationRecords> &
  ReturnType<typeof listenerRecords> &
  ReturnType<typeof clientRecords> &
  ReturnType<typeof hookRecords>

/** What there is to ask and to change, each by itself or all within one transaction. */
export interface AccountRecords extends Records {}

const recordsOn = (prisma: PrismaTransaction, box: SecretBox): AccountRecords => ({
  ...organisationRecords(prisma),
  ...listenerRecords(prisma),
  ...clientRecords(prisma),
  ...hookRecords(prisma, box),
})

export interface Accounts extends AccountRecords {
  /** Runs `work` in one transaction; `db` is for statements of other rooms within it. */
  transaction<T>(work: (records: AccountRecords, db: Queryable) => Promise<T>): Promise<T>
  /** The hook that deliveries of a kind go to. Null: there is none. */
  findHookFor(owner: ListenerKey, category: string, subcategory: string): Promise<SigningHook | null>
  close(): Promise<void>
}

/** For what is not hot, on the pool that all else uses. The hot path has prepared SQL. */
export function openAccounts(pool: pg.Pool, box: SecretBox): Accounts {
  const prisma = openPrisma(pool)
  return {
    ...recordsOn(prisma, box),
    findHookFor: (owner, category, subcategory) => hookFor(pool, box, owner, category, subcategory),
    transaction: (work) => prisma.$transaction((on) => work(recordsOn(on, box), queryableOf(on))),
    close: () => prisma.$disconnect(),
  }
}
