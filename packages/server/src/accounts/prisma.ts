import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { TransactionEndedError } from '../database/database.js'
import type { Queryable } from '../database/queryable.js'
import type { Way } from '../database/ways.js'
import { Prisma, PrismaClient } from '../generated/prisma/client.js'

/** Rows as Prisma reads them. */
export type { Hook as HookRow, Prisma as PrismaTypes } from '../generated/prisma/client.js'

/** Of a JSON column: no value at all. */
export const NO_JSON = Prisma.DbNull

export type PrismaTransaction = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends' | '$use'
>

/** Milliseconds, the longest of a timer of Node: the pool and the database limit these transactions, as all others. */
const NO_LIMIT_MS = 2 ** 31 - 1

/** On the pool that all else uses: one limit for the connections of a process. */
export function openPrisma(pool: pg.Pool): PrismaClient {
  const { schema }: Way = pool.options
  return new PrismaClient({
    adapter: new Driver(pool, schema === undefined ? {} : { schema }),
    transactionOptions: { maxWait: NO_LIMIT_MS, timeout: NO_LIMIT_MS },
  })
}

type Transaction = Awaited<ReturnType<Awaited<ReturnType<PrismaPg['connect']>>['startTransaction']>>

/**
 * Prisma's driver with transactions that refuse statements after their end. One call of Prisma is several statements:
 * those not yet sent at a rollback would follow it on the same connection, outside of every transaction, and last.
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

/** For statements of other rooms within a transaction of Prisma. */
export function queryableOf(transaction: PrismaTransaction): Queryable {
  return {
    async query<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
      const rows = await transaction.$queryRawUnsafe<Row[]>(statement.text, ...(statement.values ?? []))
      return { rows, rowCount: rows.length, command: '', oid: 0, fields: [] }
    },
  }
}
