import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { TransactionEndedError } from '../database/database.js'
import type { Queryable } from '../database/queryable.js'
import { PrismaClient } from '../generated/prisma/client.js'

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

/** The longest that a timer of Node can be set to: transactions are limited by the pool and by the database, as all others are. */
const NO_LIMIT_MS = 2 ** 31 - 1

/** On the pool that everything else uses: one limit for the connections of a process. */
export function openPrisma(pool: pg.Pool): Prisma {
  return new PrismaClient({
    adapter: new Driver(pool),
    transactionOptions: { maxWait: NO_LIMIT_MS, timeout: NO_LIMIT_MS },
  })
}

type Transaction = Awaited<ReturnType<Awaited<ReturnType<PrismaPg['connect']>>['startTransaction']>>

/**
 * Prisma's driver with transactions that refuse what comes after their end. One call of Prisma is several statements, and those that are
 * not sent yet when a transaction is rolled back would follow it on the same connection: outside of every transaction, and for good.
 */
class Driver extends PrismaPg {
  override async connect() {
    const adapter = await super.connect()
    const start = adapter.startTransaction.bind(adapter)
    return Object.assign(adapter, {
      startTransaction: async (level?: Parameters<typeof start>[0]) => refusingAfterItsEnd(await start(level)),
    })
  }
}

const END = /^(COMMIT|ROLLBACK)$/

function refusingAfterItsEnd(transaction: Transaction): Transaction {
  let ended = false
  const execute = transaction.executeRaw.bind(transaction)
  const query = transaction.queryRaw.bind(transaction)
  return Object.assign(transaction, {
    executeRaw: async (statement: Parameters<typeof execute>[0]) => {
      if (ended) throw new TransactionEndedError()
      ended = END.test(statement.sql)
      return execute(statement)
    },
    queryRaw: async (statement: Parameters<typeof query>[0]) => {
      if (ended) throw new TransactionEndedError()
      return query(statement)
    },
  })
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
