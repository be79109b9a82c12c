/**
 * The service in several processes. The parent does once what a start does once: it holds the ports, runs the embedded
 * database, migrates, makes what is missing, and has the sandbox's parties. Then it serves operations, writes what its
 * processes say, and takes signals for them. The calls and deliveries are theirs, as those of services on one database.
 */
import { contractVersion } from '@tract/contract'
import { type OperationsServer, serveOperations } from '../api/operations.js'
import type { Config } from '../config.js'
import type { Service } from '../service.js'
import type { ServiceOptions } from '../start/base.js'
import { type Prepared, prepare } from '../start/prepare.js'
import type { Shutdown } from '../start/shutdown.js'
import { starting } from '../start/starting.js'
import { welcome } from '../start/welcome.js'
import { Exposition, mergedPages } from '../telemetry/exposition.js'
import { standardOutput } from '../telemetry/log.js'
import { ProcessMetrics } from '../telemetry/process-metrics.js'
import { openTelemetry } from '../telemetry/telemetry.js'
import { Processes } from './processes.js'

const PARENT = 'parent'
/** Milliseconds for a process to say whether it can work: a probe is answered within a second. */
const READY_WITHIN_MS = 900
/** Milliseconds for a process to answer at all. A probe gives up before, as at a process that hangs. */
const ALIVE_WITHIN_MS = 10_000
/** Milliseconds for a process's page of metrics. */
const PAGE_WITHIN_MS = 5_000

export interface ParentOptions extends ServiceOptions {
  /** Told once, after the start, why no process can start again. */
  onLost: (error: Error) => void
}

type Running = Pick<Service, 'welcome' | 'fault' | 'close'>

export function startProcesses(config: Config, options: ParentOptions): Promise<Running> {
  return starting(config, options.signal, (shutdown) => start(config, options, shutdown))
}

async function start(given: Config, options: ParentOptions, shutdown: Shutdown): Promise<Running> {
  // spans are the processes' own
  const prepared = await prepare(given, options, shutdown, (found) =>
    openTelemetry({ ...found, otlpEndpoint: null }, contractVersion, options.logTo, PARENT),
  )
  const { config, telemetry, progress, provisioned, storage } = prepared
  await storage.setup.end()
  progress.begin(`Starting ${config.processes} processes`)
  const processes = openProcesses(prepared, options)
  let operations: OperationsServer | null = null
  let isStopping = false
  shutdown.add(() => operations?.close())
  shutdown.add(() => processes.stop())
  shutdown.add(() => {
    isStopping = true
  })
  await processes.start()
  progress.begin(`Listening at ${config.publicUrl}`)
  await prepared.listen({
    operations: async () => {
      operations = await serveOperations(
        config,
        operationsOf(processes, prepared, () => isStopping),
      )
    },
    api: () => processes.listen(),
  })
  progress.end()
  provisioned.open()
  const { log } = telemetry
  return {
    welcome: welcome(config, provisioned.file, (operations as OperationsServer | null)?.url ?? null),
    fault: (error) => log.error({ err: error }, 'something failed that was to be caught; the service goes on'),
    close: () => shutdown.close(),
  }
}

function openProcesses({ config, telemetry, storage, provisioned }: Prepared, { onLost }: ParentOptions): Processes {
  const { port, publicUrl, operationsPort } = config
  const { sandbox, desk, moved } = provisioned
  const output = standardOutput()
  return new Processes({
    count: config.processes,
    plan: (number, ofStart) => ({
      ...{ number, port, publicUrl, sandbox, embedded: storage.embedded, isWatched: operationsPort !== null },
      tryAs: config.production ? null : desk,
      moved: number === 1 && ofStart ? moved : [],
    }),
    log: telemetry.log,
    write(line, number, isError) {
      // lines of the log name their process themselves
      const whole = line.startsWith('{') ? `${line}\n` : `process ${number}: ${line}\n`
      if (isError) process.stderr.write(whole)
      else output.write(whole)
    },
    onLost,
  })
}

/** The operations port of all processes together: as healthy as they are, and each with its own metrics. */
function operationsOf(processes: Processes, { telemetry: { log } }: Prepared, isStopping: () => boolean) {
  const own = new ProcessMetrics()
  return {
    ...{ log, httpLimits: {} },
    health: {
      async whyNot() {
        if (isStopping()) return 'stopping'
        const answers = [...(await processes.ask('readiness', READY_WITHIN_MS)).values()]
        if (answers.length === 0) return 'starting'
        return answers.includes(null) ? null : (answers.find((answer) => answer !== undefined) ?? SILENT)
      },
      async whyDead() {
        const answers = [...(await processes.ask('readiness', ALIVE_WITHIN_MS)).values()]
        return answers.includes(undefined) ? SILENT : null
      },
    },
    async metrics() {
      const ofParent = new Exposition({ process: PARENT })
      own.describe(ofParent)
      const restarts = new Exposition().counter(
        'tract_process_restarts_total',
        'Processes that took the place of one that had ended.',
        processes.restarts.map(([number, count]) => [{ process: number }, count] as const),
      )
      const pages = [...(await processes.ask('metrics', PAGE_WITHIN_MS)).values()].map((page) => page ?? '')
      return mergedPages([...pages, ofParent.toString(), restarts.toString()])
    },
  }
}

const SILENT = 'a process does not answer'
