/** What a start makes once, however many processes then do the work: ports, database, migrations, what is missing in it. */
import { Organisations } from '../accounts/organisations.js'
import type { Config } from '../config.js'
import { pathsOf } from '../database/slices.js'
import type { Telemetry } from '../telemetry/telemetry.js'
import type { ServiceOptions } from './base.js'
import { type HeldPorts, holdPorts } from './held-ports.js'
import { Progress } from './progress.js'
import { type ProvisionedService, provisionService } from './provision-service.js'
import { type CheckedSettings, checkSettings } from './settings.js'
import type { Shutdown } from './shutdown.js'
import { openStorage, type Storage } from './storage.js'

export interface Prepared {
  /** With the ports that were found where any was wanted. */
  config: Config
  settings: CheckedSettings
  listen: HeldPorts['listen']
  telemetry: Telemetry
  progress: Progress
  storage: Storage
  organisations: Organisations
  provisioned: ProvisionedService
}

export async function prepare(
  given: Config,
  options: ServiceOptions,
  shutdown: Shutdown,
  openTelemetry: (config: Config) => Promise<Telemetry>,
): Promise<Prepared> {
  const { notice } = options
  const settings = checkSettings(given)
  const { config, listen } = await holdPorts(given, shutdown)
  const telemetry = await openTelemetry(config)
  const { log, tracing } = telemetry
  if (tracing) shutdown.add(() => tracing.close())
  const progress = new Progress(options.progress ?? (() => {}))
  shutdown.add(() => progress.end())
  const storage = await openStorage(config, { secretKey: settings.secretKey, progress, notice, shutdown })

  progress.begin('Making what is missing')
  const organisations = new Organisations()
  const { setup, box, files } = storage
  const { egress } = settings
  const paths = pathsOf(storage.connection)
  const parts = { setup, paths, box, files, egress, organisations, shutdown, notice, log }
  const provisioned = await provisionService(config, parts)
  return { config, settings, listen, telemetry, progress, storage, organisations, provisioned }
}
