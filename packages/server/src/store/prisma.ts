import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { PrismaClient } from '../generated/prisma/client.js'
import type { Queryable } from './queryable.js'

/** Rows as Prisma reads them. */
export type {
  Client as ClientRow,
  Hook as HookRow,
  Listener as ListenerRow,
  Organisation as OrganisationRow,
  Prisma as PrismaTypes,
} from '../generated/prisma/client.js'

/** For what is not hot: provisioning, hooks and listings. The hot path is prepared SQL. */
export type Prisma = PrismaClient
export type PrismaTransaction = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends' | '$use'
>

/** On the pool that everything else uses: one limit for the connections of a process. */
export function openPrisma(pool: pg.Pool): Prisma {
  return new PrismaClient({ adapter: new PrismaPg(pool) })
}

/** Runs the store's statements on a transaction of Prisma. */
export function queryableOf(transaction: PrismaTransaction): Queryable {
  return {
    async query<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
      const rows = await transaction.$queryRawUnsafe<Row[]>(statement.text, ...(statement.values ?? []))
      return { rows, rowCount: rows.length, command: '', oid: 0, fields: [] }
    },
  }
}
