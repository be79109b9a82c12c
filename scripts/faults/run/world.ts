import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseWay } from '../../../packages/testing/src/database-way.js'
import type { Receipt } from '../history/history.js'
import { LISTENER_NAMES, type ListenerName } from '../plan/listeners.js'
import type { Plan } from '../plan/plan.js'
import { type Clock, startClock } from '../world/clock.js'
import { Database } from '../world/database.js'
import { FaultLog } from '../world/fault-log.js'
import { Organisation } from '../world/organisation.js'
import { type Payload, Receiver } from '../world/receiver.js'
import { ServiceSlot } from '../world/service-slot.js'
import { offerAcknowledged } from './desk.js'

/** Production, with receivers on this machine, and callers without a limit. */
const ENVIRONMENT = {
  NODE_ENV: 'production',
  TRACT_PORT: '0',
  // The same for all processes: each accepts the others' tokens.
  TRACT_PUBLIC_URL: 'http://localhost',
  TRACT_EGRESS_ALLOW: 'http,127.0.0.0/8',
  TRACT_RATE_LIMIT: '10000000',
  TRACT_LOG_LEVEL: 'warn',
}

/** On Linux, every address of this network is the machine's own. */
const addressOf = (process: number) => (globalThis.process.platform === 'linux' ? `127.0.0.${101 + process}` : null)

/** The observer refuses the payload of one delivery in this number. */
const REFUSED_ONE_IN = 250

/** A database, services on it, and an organisation whose receivers are in this process. */
export class World {
  readonly problems: string[] = []
  readonly receipts: Receipt[] = []
  readonly slots: ServiceSlot[] = []
  /** Tries of callers that were not answered, by reason. */
  readonly failures = new Map<string, number>()
  organisation!: Organisation
  receivers!: Record<ListenerName, Receiver>
  /** Called when a delivery comes to a listener for the first time. */
  onFirst: (listener: ListenerName, hook: string, payload: Payload) => void = () => {}

  private constructor(
    readonly folder: string,
    readonly clock: Clock,
    readonly log: FaultLog,
    readonly database: Database,
  ) {}

  static async start(plan: Plan, note: (text: string) => void): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'tract-faults-'))
    const dataDir = join(folder, 'data')
    // PostgreSQL does not run as root: its account has to enter the folder.
    await chmod(folder, 0o711)
    await mkdir(dataDir, { mode: 0o711 })
    const database = new Database(dataDir, join(folder, 'database.log'))
    await database.start()
    const clock = startClock()
    const world = new World(folder, clock, new FaultLog(clock, note), database)
    try {
      await world.#furnish(plan, dataDir)
    } catch (error) {
      await world.abort()
      throw error
    }
    return world
  }

  async #furnish(plan: Plan, dataDir: string): Promise<void> {
    const secretKey = randomBytes(32).toString('base64')
    for (let number = 0; number < plan.processes; number++) {
      const slot = new ServiceSlot({
        number,
        way: await DatabaseWay.open(() => this.database.url),
        environment: { ...ENVIRONMENT, TRACT_DATA_DIR: dataDir, TRACT_SECRET_KEY: secretKey },
        callsFrom: addressOf(number),
        log: join(this.folder, `service-${number}.log`),
        note: (text) => this.log.note(text),
        onProblem: (text) => this.problems.push(text),
      })
      this.slots.push(slot)
      await slot.ready()
    }
    await this.database.prepareFullDisk()
    this.organisation = await Organisation.create(
      dataDir,
      () => this.slots.flatMap(({ url }) => url ?? []),
      (why) => this.failures.set(why, (this.failures.get(why) ?? 0) + 1),
    )
    const receivers: Partial<World['receivers']> = {}
    for (const name of LISTENER_NAMES) receivers[name] = await this.#receiver(name, plan.seed)
    this.receivers = receivers as World['receivers']
    for (const name of LISTENER_NAMES) {
      const receiver = this.receivers[name]
      const port = receiver.ports[0] as number
      await this.organisation.hear(name, port, (hook) => receiver.url(port, hook), this.clock)
    }
  }

  #receiver(listener: ListenerName, seed: string): Promise<Receiver> {
    const processes = new Map(this.slots.map(({ number }) => [addressOf(number), number]))
    const refused = (token: string) => createHash('sha256').update(`${seed}/${token}`).digest().readUInt32LE(0)
    return Receiver.start({
      listener,
      seed,
      clock: this.clock,
      receipts: this.receipts,
      ledgerOf: (hook) => this.organisation.ledgers[listener].get(hook),
      processOf: (address) => processes.get(address ?? '') ?? null,
      refuses: (token) => listener === 'observer' && token !== null && refused(token) % REFUSED_ONE_IN === 0,
      answerOf: (hook, payload) => ({
        success: true,
        ...(hook === 'user_events/create_user' && { ect_user_id: `case of ${payload.user_id}` }),
        ...(hook === 'thread_control/offered' && offerAcknowledged(seed, listener, payload)),
      }),
      onFirst: (hook, payload) => this.onFirst(listener, hook, payload),
    })
  }

  /** Where the services keep files. */
  get store(): string {
    return join(this.folder, 'data', 'attachments')
  }

  /** Ends the services in good order: everything is written, and nothing goes out any more. */
  async stopServices(): Promise<void> {
    await Promise.all(this.slots.map((slot) => slot.close()))
  }

  async stop(): Promise<void> {
    for (const { way } of this.slots) await way.close()
    for (const receiver of Object.values(this.receivers ?? {})) await receiver.close()
    await this.database.stop()
  }

  /** Ends everything without waiting for it. */
  async abort(): Promise<void> {
    for (const slot of this.slots) slot.abort()
    await this.stop()
  }

  async removeFolder(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}
