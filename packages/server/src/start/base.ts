/** What every room of a process is built from. */
import type { Organisations } from '../accounts/organisations.js'
import type { AdmissionSettings } from '../api/admission.js'
import type { HttpLimits } from '../api/server.js'
import type { Config } from '../config.js'
import { ofSlice } from '../database/connection-share.js'
import type { ServicePool } from '../database/connections.js'
import { openPool, patiently } from '../database/database.js'
import { pathsOf, type Sliced } from '../database/slices.js'
import type { DeliverySettings } from '../deliver/settings.js'
import type { LogDestination } from '../telemetry/log.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { RetentionSettings } from '../upkeep/retention.js'
import type { SearchSettings } from '../upkeep/search/search-index.js'
import type { StraySettings } from '../upkeep/stray-files.js'
import type { Shutdown } from './shutdown.js'
import type { Storage } from './storage.js'

export interface ServiceOptions {
  /** Takes sentences that an operator should read. */
  notice: (text: string) => void
  /** Takes what a start is doing, step by step. */
  progress?: (text: string) => void
  /** Gives up a start: what it has started is stopped. */
  signal?: AbortSignal
  /** For tests that cannot wait for the real schedule. */
  delivery?: Partial<DeliverySettings>
  retention?: Partial<RetentionSettings>
  strayFiles?: Partial<StraySettings>
  search?: Partial<SearchSettings>
  /** How long a stream's reader is gone until its hooks go back, in milliseconds. */
  streamGoneAfter?: number
  http?: Partial<HttpLimits>
  admission?: Partial<AdmissionSettings>
  /** Takes the lines of the log; standard output does otherwise. */
  logTo?: LogDestination
}

/** What every part is built from. */
export interface Base {
  config: Config
  options: ServiceOptions
  shutdown: Shutdown
  telemetry: Telemetry
  storage: Storage
  organisations: Organisations
  /** The search paths of slices, and the pools for calls that see them. */
  paths: Sliced<string | null>
  pools: Sliced<ServicePool>
  /** That of the first slice. */
  pool: ServicePool
  /** Logs what failed in the background, until the service stops. */
  report: (message: string, error: unknown) => void
  /** Asks a database again that does not answer, until the start is given up. */
  patient: <T>(work: () => Promise<T>) => Promise<T>
}

export function openBase(given: Omit<Base, 'paths' | 'pools' | 'pool' | 'report' | 'patient'>): Base {
  const { options, shutdown, telemetry, storage } = given
  let isStopping = false
  const report: Base['report'] = (message, error) => {
    if (!isStopping) telemetry.log.warn({ err: error }, message)
  }
  const paths = pathsOf(storage.connection)
  const max = ofSlice(given.config.databasePool, paths.all.length)
  const pools = paths.map((path) =>
    openPool({ ...storage.connection, path, max }, (error) => report('a database connection was lost', error)),
  )
  shutdown.add(() => pools.ask((pool) => pool.end()))
  // from here on, connections are lost because the service stops
  shutdown.add(() => {
    isStopping = true
  })
  const patient: Base['patient'] = (work) =>
    patiently(
      work,
      (error) => options.notice(`The database did not answer in time, and is asked again: ${(error as Error).message}`),
      () => shutdown.isClosing,
    )
  return { ...given, paths, pools, pool: pools.first, report, patient }
}
