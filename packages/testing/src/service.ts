/** The real service in the process of the test, on a database of its own. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Credentials, Demo } from '../../server/src/accounts/first-start.js'
import type { AdmissionSettings } from '../../server/src/api/admission.js'
import type { HttpLimits } from '../../server/src/api/server.js'
import { readConfig } from '../../server/src/config.js'
import type { DeliverySettings } from '../../server/src/deliver/settings.js'
import { type Service, type ServiceOptions, startService } from '../../server/src/service.js'
import type { LogDestination } from '../../server/src/telemetry/log.js'
import type { RetentionSettings } from '../../server/src/upkeep/retention.js'
import type { SearchSettings } from '../../server/src/upkeep/search/search-index.js'
import type { StraySettings } from '../../server/src/upkeep/stray-files.js'
import { type Caller, login } from './call.js'
import { PATIENT_SETTINGS } from './patient-settings.js'
import { createDatabase, createEmptyDatabase } from './postgres.js'
import { Receiver } from './receiver.js'
import { Stored } from './stored.js'
import { type ListenerKind, World } from './world.js'

export class TestService {
  readonly #receivers: Receiver[] = []

  private constructor(
    readonly service: Service,
    readonly databaseUrl: string,
    readonly dataDir: string,
    readonly demo: Demo,
    readonly stored: Stored,
    private readonly end: () => Promise<void>,
  ) {}

  /** `route`: how the service gets to its database, other than directly. */
  static async start(
    options: {
      environment?: NodeJS.ProcessEnv
      delivery?: Partial<DeliverySettings>
      retention?: Partial<RetentionSettings>
      strayFiles?: Partial<StraySettings>
      search?: Partial<SearchSettings>
      http?: Partial<HttpLimits>
      admission?: Partial<AdmissionSettings>
      logTo?: LogDestination
      streamGoneAfter?: number
      route?: (databaseUrl: string) => Promise<string>
    } = {},
  ): Promise<TestService> {
    // the template has one slice
    const database = await (options.environment?.TRACT_SLICES ? createEmptyDatabase() : createDatabase())
    const dataDir = await mkdtemp(join(tmpdir(), 'tract-test-'))
    const databaseUrl = options.route ? await options.route(database.url) : database.url
    const service = await startOn(databaseUrl, dataDir, options.environment, {
      ...(options.delivery && { delivery: options.delivery }),
      ...(options.retention && { retention: options.retention }),
      ...(options.strayFiles && { strayFiles: options.strayFiles }),
      ...(options.search && { search: options.search }),
      ...(options.streamGoneAfter !== undefined && { streamGoneAfter: options.streamGoneAfter }),
      ...(options.admission && { admission: options.admission }),
      // no request is given up because the machine is slow
      http: { requestTimeout: 600_000, ...options.http },
      ...(options.logTo && { logTo: options.logTo }),
    })
    // in production there is no demo organisation, and the operator alone is written down
    const written = options.environment?.NODE_ENV === 'production' ? 'admin.json' : 'demo.json'
    const demo: Demo = JSON.parse(await readFile(join(dataDir, written), 'utf8'))
    const stored = new Stored(database.url)
    return new TestService(service, database.url, dataDir, demo, stored, async () => {
      await service.close()
      await stored.close()
      await database.drop()
      await rm(dataDir, { recursive: true, force: true })
    })
  }

  /** The receivers go first: no attempt holds up the end. */
  async close(): Promise<void> {
    await Promise.all(this.#receivers.map((receiver) => receiver.close()))
    await this.end()
  }

  get url(): string {
    return this.service.url
  }

  /** The service once more on the same data, as another process would have it. To be closed before this one. */
  startAnother(environment: NodeJS.ProcessEnv = {}, options: Partial<ServiceOptions> = {}): Promise<Service> {
    return startOn(this.databaseUrl, this.dataDir, environment, options)
  }

  login(credentials: Credentials, scope?: string): Promise<Caller> {
    return login(this.url, credentials, scope)
  }

  admin(): Promise<Caller> {
    return this.login(this.demo.admin)
  }

  /** A receiver that is closed with the service. */
  async receiver(): Promise<Receiver> {
    const receiver = await Receiver.start()
    this.#receivers.push(receiver)
    return receiver
  }

  /** A new organisation with listeners by name and kind, set up through the API like any other. */
  world<Names extends string>(
    kinds: Record<Names, ListenerKind>,
    settings: Record<string, unknown> = {},
    listenerSettings: Partial<Record<Names, Record<string, unknown>>> = {},
  ): Promise<World<Names>> {
    return World.on(this, kinds, settings, listenerSettings)
  }
}

function startOn(
  databaseUrl: string,
  dataDir: string,
  environment: NodeJS.ProcessEnv = {},
  options: Partial<ServiceOptions> = {},
): Promise<Service> {
  const settings = {
    TRACT_PORT: '0',
    TRACT_DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl,
    NODE_ENV: 'test',
    TRACT_LOG_LEVEL: 'silent',
    ...PATIENT_SETTINGS,
    ...environment,
  }
  return startService(readConfig(settings), { notice: () => {}, ...options })
}
