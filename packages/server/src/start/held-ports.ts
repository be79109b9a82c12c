/**
 * Holds ports from before the database is made: a port in use is told of then, and no other process gets it during the
 * start. Callers are told to come again. A port that is shared is not held: another process answers there.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unavailable } from '../api/errors.js'
import { newRequestId } from '../api/request-id.js'
import type { Config } from '../config.js'
import { START } from '../resources.js'
import type { Shutdown } from './shutdown.js'
import { StartError } from './start-error.js'

export interface HeldPorts {
  /** With the ports that were found where any was wanted. */
  config: Config
  /** Releases them to be listened on. @throws {StartError} that names the setting, if that fails after all */
  listen(what: { api: () => Promise<unknown>; operations: () => Promise<unknown> }): Promise<void>
}

interface PortSettings {
  port: number
  host: string
  /** `TRACT_`, and for the port of operations more: settings are named after it. */
  prefix: 'TRACT_' | 'TRACT_OPERATIONS_'
}

/** The ports that the settings name, held from here on. @throws {StartError} that names the setting */
export async function holdPorts(given: Config, shutdown: Shutdown): Promise<HeldPorts> {
  const { operationsPort, operationsHost } = given
  const ofApi: PortSettings = { port: given.port, host: given.host, prefix: 'TRACT_' }
  const api = given.sharePort ? shared(ofApi) : await hold(ofApi, shutdown)
  const operations =
    operationsPort === null
      ? null
      : await hold({ port: operationsPort, host: operationsHost, prefix: 'TRACT_OPERATIONS_' }, shutdown)
  const { port } = api
  const publicUrl = given.port === 0 ? given.publicUrl.replace(/:0$/, `:${port}`) : given.publicUrl
  return {
    config: { ...given, port, publicUrl, operationsPort: operations?.port ?? null },
    async listen(what) {
      await operations?.hand(what.operations)
      await api.hand(what.api)
    },
  }
}

interface HeldPort {
  port: number
  /** Releases the port to what listens on it from now on. */
  hand(listen: () => Promise<unknown>): Promise<void>
}

const shared = (settings: PortSettings): HeldPort => ({
  port: settings.port,
  hand: (listen) => listening(listen, settings),
})

async function hold(settings: PortSettings, shutdown: Shutdown): Promise<HeldPort> {
  const server = createServer(answerStarting)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(ofPort(error, settings)))
    server.listen(settings.port, settings.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const release = async () => {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  shutdown.add(release)
  return {
    port,
    async hand(listen) {
      await release()
      await listening(listen, { ...settings, port })
    },
  }
}

async function listening(listen: () => Promise<unknown>, settings: PortSettings): Promise<void> {
  await listen().catch((error) => {
    throw ofPort(error, settings)
  })
}

const HEALTH = /^\/(healthz|readyz)$/

function answerStarting({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const { status, headers, body } = unavailable('TRACT is starting.', newRequestId())
  const shown = { 'content-type': 'application/json; charset=utf-8', 'x-request-id': body.request_id }
  const text = HEALTH.test(url) ? { status: 'unavailable', reason: 'starting' } : body
  response.writeHead(status, { ...headers, ...shown, connection: 'close' }).end(JSON.stringify(text))
}

/** Why a port cannot be listened on, in words that name the setting; any other error as it is. */
function ofPort(error: unknown, { port, host, prefix }: PortSettings): unknown {
  const { code } = error as NodeJS.ErrnoException
  const say = (text: string) => new StartError(text, { cause: error })
  switch (code) {
    case 'EADDRINUSE':
      return say(
        `${prefix}PORT: the port ${port} of ${host} is taken. Stop what listens there, or take another port, as in \`${prefix}PORT=${port + 1} ${START}\`.`,
      )
    case 'ENOTSUP':
      return say('TRACT_SHARE_PORT: this system has no ports that processes share. Leave the setting out.')
    case 'EACCES':
      return say(`${prefix}PORT: this user may not listen on the port ${port}. Take one above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
      return say(`${prefix}HOST: ${host} is no address of this machine (${code}).`)
    default:
      return error
  }
}
