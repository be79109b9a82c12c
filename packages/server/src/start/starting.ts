import type { Config } from '../config.js'
import { ofDatabase } from '../database/start-connection.js'
import { ofDataDir } from './data-dir.js'
import { Shutdown } from './shutdown.js'
import { StartError } from './start-error.js'

/** A start that fails or is given up: what it has started is stopped again. @throws errors that name the setting */
export async function starting<Started>(
  config: Config,
  signal: AbortSignal | undefined,
  start: (shutdown: Shutdown) => Promise<Started>,
): Promise<Started> {
  const shutdown = new Shutdown()
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new StartError('The start was given up.'))
    signal?.addEventListener('abort', giveUp, { once: true })
  })
  try {
    return await Promise.race([start(shutdown), givenUp])
  } catch (error) {
    await shutdown.close().catch(() => {})
    throw ofDataDir(ofDatabase(error, config.databaseUrl), config.dataDir)
  }
}
