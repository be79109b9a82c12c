/**
 * The pg adapter for the schema engine, with four defects of @prisma/adapter-pg 7.10.0 mended:
 * - it cannot read the type "char" (oid 18; prisma/orm issues 27403, 28145) of introspection;
 * - it cuts scripts at every semicolon: that breaks literals, $$ bodies, the implicit transaction;
 * - its shadow database is the real one when it was given a connection string;
 * - it drops the shadow database while still connected to it.
 */
import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import { createDatabase, execute, withDatabase } from './schema-engine-database.mjs'

const CHAR = 18
const TEXT = 25

function mendQueries(queryable) {
  const performIO = queryable.performIO.bind(queryable)
  const queryRaw = queryable.queryRaw.bind(queryable)
  let chars = []
  queryable.performIO = async (query) => {
    const result = await performIO(query)
    chars = result.fields.map((field) => field.dataTypeID === CHAR)
    for (const field of result.fields) if (field.dataTypeID === CHAR) field.dataTypeID = TEXT
    return result
  }
  queryable.queryRaw = async (query) => {
    const result = await queryRaw(query)
    chars.forEach((isChar, column) => {
      if (isChar) result.columnTypes[column] = ColumnTypeEnum.Character
    })
    return result
  }
  return queryable
}

function mend(adapter) {
  mendQueries(adapter)
  const startTransaction = adapter.startTransaction.bind(adapter)
  adapter.startTransaction = async (...args) => mendQueries(await startTransaction(...args))
  adapter.executeScript = async (script) => {
    try {
      await adapter.client.query(script)
    } catch (error) {
      adapter.onError(error)
    }
  }
  return adapter
}

/** @param datasource the CLI's `{ url, shadowDatabaseUrl? }`; it connects when the engine asks */
export function adapterFactory(datasource) {
  const url = datasource?.url || 'postgresql://localhost:1/none'
  const schema = new URL(url).searchParams.get('schema') ?? undefined
  // One connection: the engine's advisory lock belongs to a session.
  const adapter = (connectionString) => new PrismaPg({ connectionString, max: 1 }, { schema })
  const connect = async (to) => mend(await adapter(to).connect())

  const factory = adapter(url)
  factory.connect = () => connect(url)
  factory.connectToShadowDb = async () => {
    if (datasource?.shadowDatabaseUrl) return connect(datasource.shadowDatabaseUrl)
    const database = `prisma_migrate_shadow_db_${randomUUID()}`
    const shadowUrl = withDatabase(url, database)
    await createDatabase(shadowUrl)
    const connected = await connect(shadowUrl)
    const dispose = connected.dispose.bind(connected)
    connected.dispose = async () => {
      await dispose()
      await execute(url, `DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`)
    }
    return connected
  }
  return bindMigrationAwareSqlAdapterFactory(factory)
}
