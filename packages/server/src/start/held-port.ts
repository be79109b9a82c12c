/**
 * Holds a port from before the database is made: a port in use is told of then, and no other process gets it during the
 * start. Callers are told to come again.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { unavailable } from '../api/errors.js'
import { newRequestId } from '../api/request-id.js'
import { StartError } from './start-error.js'

export interface PortSettings {
  port: number
  host: string
  /** The names of the two settings that these come from. */
  portFrom: 'TRACT_PORT' | 'TRACT_OPERATIONS_PORT'
  hostFrom: 'TRACT_HOST' | 'TRACT_OPERATIONS_HOST'
}

export class HeldPort {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** @throws {StartError} that names the setting */
  static async hold(settings: PortSettings): Promise<HeldPort> {
    const server = createServer(answerStarting)
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(ofPort(error, settings)))
      server.listen(settings.port, settings.host, resolve)
    })
    return new HeldPort(server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** To be listened on by what was to be started. */
  async release(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }
}

const HEALTH = /^\/(healthz|readyz)$/

function answerStarting({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const { status, headers, body } = unavailable('TRACT is starting.', newRequestId())
  const shown = { 'content-type': 'application/json; charset=utf-8', 'x-request-id': body.request_id }
  const text = HEALTH.test(url) ? { status: 'unavailable', reason: 'starting' } : body
  response.writeHead(status, { ...headers, ...shown, connection: 'close' }).end(JSON.stringify(text))
}

/** Why a port cannot be listened on, in words that name the setting; any other error as it is. */
export function ofPort(error: unknown, { port, host, portFrom, hostFrom }: PortSettings): unknown {
  const { code } = error as NodeJS.ErrnoException
  const say = (text: string) => new StartError(text, { cause: error })
  switch (code) {
    case 'EADDRINUSE':
      return say(
        `${portFrom}: the port ${port} of ${host} is taken. Stop what listens there, or take another port, as in \`${portFrom}=${port + 1} npm start\`.`,
      )
    case 'EACCES':
      return say(`${portFrom}: this user may not listen on the port ${port}. Take one above 1023.`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAFNOSUPPORT':
      return say(`${hostFrom}: ${host} is no address of this machine (${code}).`)
    default:
      return error
  }
}
