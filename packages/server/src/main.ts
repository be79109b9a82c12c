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
}

function fail(error: unknown): void {
  const known = error instanceof ConfigError || (error as { code?: string }).code !== undefined
  console.error(`TRACT cannot start.\n${known ? (error as Error).message : ((error as Error).stack ?? error)}`)
  process.exit(1)
}

main().catch(fail)
