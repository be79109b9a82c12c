#!/usr/bin/env node
import { ConfigError, help, readConfig } from './config.js'
import { startService } from './service.js'

async function main(): Promise<void> {
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    console.log(help())
    return
  }
  const config = readConfig(process.env)
  const service = await startService(config, { notice: console.log })
  for (const line of service.welcome) console.log(line)

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return
    stopping = true
    console.log(`${signal}: finishing what is under way …`)
    service.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  // npm signals the shell between us and itself, which ends without passing it on
  const shell = process.ppid
  const underNpm = process.env.npm_lifecycle_event !== undefined
  if (underNpm) setInterval(() => process.ppid !== shell && stop('SIGTERM'), 200).unref()
}

function fail(error: unknown): void {
  console.error(`TRACT cannot start.\n${explained(error as Error & { code?: string })}`)
  process.exit(1)
}

function explained(error: Error & { code?: string }): string {
  if (error.code === 'EADDRINUSE') return `${error.message}. Another port: TRACT_PORT=8081 npm start`
  return error instanceof ConfigError || error.code !== undefined ? error.message : (error.stack ?? String(error))
}

main().catch(fail)
