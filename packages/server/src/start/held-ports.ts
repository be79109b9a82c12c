import type { Config } from '../config.js'
import { HeldPort, ofPort, type PortSettings } from './held-port.js'
import type { Shutdown } from './shutdown.js'

export interface HeldPorts {
  /** With the ports that were found where any was wanted. */
  config: Config
  /** Releases them to be listened on. @throws {StartError} that names the setting, if that fails after all */
  listen(what: { api: () => Promise<unknown>; operations: () => Promise<unknown> }): Promise<void>
}

/** The ports that the settings name, held from here on. @throws {StartError} that names the setting */
export async function holdPorts(given: Config, shutdown: Shutdown): Promise<HeldPorts> {
  const hold = async (settings: PortSettings) => {
    const held = await HeldPort.hold(settings)
    shutdown.add(() => held.release())
    return { held, settings: { ...settings, port: held.port } }
  }
  const api = await hold({ port: given.port, host: given.host, portFrom: 'TRACT_PORT', hostFrom: 'TRACT_HOST' })
  const operations =
    given.operationsPort === null
      ? null
      : await hold({
          port: given.operationsPort,
          host: given.operationsHost,
          portFrom: 'TRACT_OPERATIONS_PORT',
          hostFrom: 'TRACT_OPERATIONS_HOST',
        })
  const release = async ({ held, settings }: NonNullable<typeof operations>, listen: () => Promise<unknown>) => {
    await held.release()
    await listen().catch((error) => {
      throw ofPort(error, settings)
    })
  }
  const { port } = api.settings
  const publicUrl = given.port === 0 ? given.publicUrl.replace(/:0$/, `:${port}`) : given.publicUrl
  return {
    config: { ...given, port, publicUrl, operationsPort: operations?.settings.port ?? null },
    async listen(what) {
      if (operations) await release(operations, what.operations)
      await release(api, what.api)
    },
  }
}
