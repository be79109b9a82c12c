import { type Config, ConfigError, help, readConfig, wantsHelp } from './config.js'
import { DatabaseSettingError } from './database/start-connection.js'
import { type Service, type ServiceOptions, startService } from './service.js'
import { StartError } from './start/start-error.js'

// output that cannot be written, to a full disk or a closed pipe, is no reason to end
for (const output of [process.stdout, process.stderr]) output.on('error', () => {})

async function main(): Promise<void> {
  if (wantsHelp(process.argv.slice(2))) {
    console.log(help())
    return
  }
  const config = readConfig(process.env)
  // one of several has a channel to its parent
  if (process.connected && (await import('node:cluster')).default.isWorker) {
    const { runProcess } = await import('./processes/process.js')
    return runProcess(config)
  }
  const givingUp = new AbortController()
  let service: Running | undefined

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return
    stopping = true
    if (service === undefined) {
      console.log(`${signal}: giving up the start …`)
      givingUp.abort()
      return
    }
    console.log(`${signal}: finishing what is under way …`)
    service.close().then(ended, (error: unknown) => end(`TRACT did not stop in order.\n${explained(error)}`))
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  // npm signals the shell between us and itself, which ends without passing it on
  const shell = process.ppid
  const underNpm = process.env.npm_lifecycle_event !== undefined
  if (underNpm) setInterval(() => process.ppid !== shell && stop('SIGTERM'), 200).unref()
  // a service that has answered does not end because of a promise that nothing waits for
  process.on('unhandledRejection', (error) => (service ? service.fault(error) : cannotStart(error)))

  try {
    const options = { notice: console.log, progress: console.log, signal: givingUp.signal }
    service = await startAll(config, options, (error) => {
      if (stopping) return
      stopping = true
      // said first: to stop takes a while
      console.error(`TRACT cannot go on.\n${explained(error)}`)
      service?.close().finally(() => process.exit(1))
    })
  } catch (error) {
    if (givingUp.signal.aborted) return ended()
    throw error
  }
  for (const line of service.welcome) console.log(line)
}

type Running = Pick<Service, 'welcome' | 'fault' | 'close'>

/** @param onLost told if processes that were running cannot start again */
async function startAll(config: Config, options: ServiceOptions, onLost: (error: Error) => void): Promise<Running> {
  if (config.processes === 1) return startService(config, options)
  const { startProcesses } = await import('./processes/parent.js')
  return startProcesses(config, { ...options, onLost })
}

function ended(): void {
  console.log('TRACT has stopped.')
  process.exit(0)
}

function cannotStart(error: unknown): void {
  end(`TRACT cannot start.\n${explained(error)}`)
}

function end(said: string): void {
  console.error(said)
  process.exit(1)
}

/** What says itself what to do needs no stack. */
function explained(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartError || error instanceof DatabaseSettingError)
    return error.message
  const { code, message, stack } = error as Error & { code?: string }
  return code !== undefined && message !== '' ? message : (stack ?? String(error))
}

main().catch(cannotStart)
