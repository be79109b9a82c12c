import { type Connection, startEmbeddedPostgres } from '@tract/embedded-postgres'
import type { FileStore } from '../attachments/file-store.js'
import { openStore } from '../attachments/open-store.js'
import type { Config } from '../config.js'
import { tablesOf } from '../database/citus.js'
import { capacityOf, leastOfAProcess, sizesFor } from '../database/connection-share.js'
import type { ServiceClient } from '../database/connections.js'
import { connectAlone } from '../database/database.js'
import { layoutOf, seeFirst } from '../database/migrations/layout.js'
import { migrateOn } from '../database/migrations/migrate.js'
import { processesAlive } from '../database/migrations/older-processes.js'
import { knowsStatements, lacksOfPooler } from '../database/pooler.js'
import { SecretBox } from '../database/secret-box.js'
import { loadOrCreateSecretKey } from '../database/secret-key.js'
import { connectToStart } from '../database/start-connection.js'
import type { Way } from '../database/ways.js'
import { resource } from '../resources.js'
import { makeDataDir } from './data-dir.js'
import type { Progress } from './progress.js'
import type { Shutdown } from './shutdown.js'
import { StartError } from './start-error.js'

/** What an error of the embedded database names, to be set otherwise. */
const SETTINGS = { dataDir: 'TRACT_DATA_DIR', server: 'DATABASE_URL' }
const MIGRATIONS = resource('../../prisma/migrations')

export interface Storage {
  /** For pools. */
  connection: Way
  /** That of the database which the start has started itself; null: it is the operator's. */
  embedded: Connection | null
  /** Connections that the database gives to all processes together; null: a pooler is in between, and shares them out. */
  capacity: number | null
  /** The connection of the start, which ends with it. */
  setup: ServiceClient
  box: SecretBox
  /** Files of messages. */
  files: FileStore
}

export interface StorageParts {
  /** That of the setting; null: the one in the data dir, or a new one. */
  secretKey: Buffer | null
  progress: Progress
  notice: (text: string) => void
  shutdown: Shutdown
}

/** The operator's database, straight or through a pooler. The start itself goes straight, where there is a way. */
async function openOperators(
  databaseUrl: string,
  directUrl: string | null,
  notice: (text: string) => void,
): Promise<Pick<Storage, 'connection' | 'capacity' | 'setup'>> {
  const opened = await connectToStart(databaseUrl, notice)
  const { setup } = opened
  const connection = { ...opened.connection, ...(await tablesOf(setup)) }
  const poolerKnowsStatements = setup.hasPooler && (await knowsStatements(setup))
  if (setup.hasPooler) for (const lack of await lacksOfPooler(setup, connection, directUrl !== null)) notice(lack)
  const capacity = setup.hasPooler ? null : await capacityOf(setup)
  if (directUrl === null)
    return {
      setup,
      capacity,
      connection: { ...connection, ...(setup.hasPooler && { poolerKnowsStatements, direct: null }) },
    }
  await setup.end()
  const straight = await connectToStart(directUrl, notice, 'DATABASE_DIRECT_URL')
  if (straight.setup.hasPooler) notice('DATABASE_DIRECT_URL leads to a pooler too: other processes are not heard.')
  return {
    setup: straight.setup,
    capacity,
    connection: { ...connection, poolerKnowsStatements, direct: straight.connection },
  }
}

/** The database, up to date, and the key to what is sealed in it. */
export async function openStorage(config: Config, parts: StorageParts): Promise<Storage> {
  const { secretKey, progress, notice, shutdown } = parts
  await makeDataDir(config.dataDir)
  const box = new SecretBox(secretKey ?? (await loadOrCreateSecretKey(config.dataDir)))
  const opened = await openDatabase(config, parts)
  const { embedded, capacity, setup } = opened
  shutdown.add(() => setup.end())
  progress.begin('Looking whether the database is up to date')
  await migrateOn(setup, MIGRATIONS, {
    onPending: ({ length }) => progress.begin(`Applying ${length} migration${length === 1 ? '' : 's'}`),
    onWaiting: (processes) =>
      progress.begin(`Waiting until every process of the version before has stopped, of which there are ${processes}`),
    onLocked: notice,
    slices: config.slices,
  })
  const way = await slicedWay(opened, config)
  await box.checkKey(setup)
  if (capacity !== null) checkConnections(config, slicesIn(way), capacity, await processesAlive(setup), notice)
  return { connection: way, embedded, capacity, setup, box, files: await openStore(config) }
}

const slicesIn = ({ slices = [] }: Way): number => Math.max(1, slices.length)

/**
 * The way of pools, which see a slice each. The start's own connection sees the first.
 * @throws {StartError} for a pooler, which would hand their connections on
 */
async function slicedWay(
  { connection, capacity, setup }: Pick<Storage, 'connection' | 'capacity' | 'setup'>,
  { databaseTimeout: timeoutMs }: Config,
): Promise<Way> {
  const layout = await layoutOf(setup)
  if (layout === null || layout.slices.length === 0) return { ...connection, timeoutMs }
  if (capacity === null)
    throw new StartError('DATABASE_URL: a database with several slices has to be reached directly, without a pooler.')
  await seeFirst(setup, layout)
  return { ...connection, ...layout, timeoutMs }
}

async function openEmbedded(connection: Way): Promise<Pick<Storage, 'connection' | 'capacity' | 'setup'>> {
  const setup = await connectAlone(connection)
  return { connection, setup, capacity: await capacityOf(setup) }
}

/**
 * Says what each process will have where that is less than it is set to.
 * @throws {StartError} where it is too little to work
 */
function checkConnections(
  config: Config,
  slices: number,
  capacity: number,
  alive: number,
  notice: (text: string) => void,
): void {
  const { processes, databasePool: api, databaseDeliveryPool: delivery } = config
  const least = processes * leastOfAProcess(slices)
  if (least > capacity)
    throw new StartError(
      `TRACT_PROCESSES: the database gives ${capacity} connections, and ${processes} need ${least} at least. Begin fewer, or raise its max_connections.`,
    )
  const all = alive + processes
  const sizes = sizesFor({ api, delivery }, capacity, all, slices)
  if (sizes.api + sizes.delivery < api + delivery)
    notice(
      `The database gives ${capacity} connections: of ${all} processes, each has ${sizes.api} for calls and ${sizes.delivery} for deliveries at most.`,
    )
}

/** For a process beside the one that has opened the storage. @param embedded where that has started the database itself */
export async function joinStorage(
  config: Config,
  embedded: Connection | null,
  { secretKey, shutdown }: Pick<StorageParts, 'secretKey' | 'shutdown'>,
): Promise<Storage> {
  const { databaseUrl, databaseDirectUrl: directUrl, dataDir } = config
  const box = new SecretBox(secretKey ?? (await loadOrCreateSecretKey(dataDir)))
  // what is to be said of the database was said at the start
  const opened =
    embedded === null && databaseUrl !== null
      ? await openOperators(databaseUrl, directUrl, () => {})
      : await openEmbedded(embedded ?? {})
  const { capacity, setup } = opened
  shutdown.add(() => setup.end())
  await box.checkKey(setup)
  const way = await slicedWay(opened, config)
  return { connection: way, embedded, capacity, setup, box, files: await openStore(config) }
}

async function openDatabase(
  { databaseUrl, databaseDirectUrl, dataDir }: Config,
  { progress, notice, shutdown }: StorageParts,
): Promise<Pick<Storage, 'connection' | 'embedded' | 'capacity' | 'setup'>> {
  if (databaseUrl !== null) {
    progress.begin('Connecting to the database')
    return { ...(await openOperators(databaseUrl, databaseDirectUrl, notice)), embedded: null }
  }
  progress.begin(`Starting the database in ${dataDir}`)
  const postgres = await startEmbeddedPostgres({ name: 'tract', dataDir, settings: SETTINGS, log: notice })
  shutdown.add(() => postgres.stop())
  if (postgres.notice) notice(postgres.notice)
  const { connection } = postgres
  return { embedded: connection, ...(await openEmbedded(connection)) }
}
