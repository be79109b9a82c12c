import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Tract } from '@tract/client'
import { TractPlatform } from '@tract/client/platform'
import { assistant } from './assistant.js'
import { type Desk, desk } from './desk.js'
import { noted, PATIENCE, Party } from './party.js'
import { PARTY_NAMES, type PartyName, type SandboxParties, type SandboxPlan } from './provision.js'

export interface SandboxOptions {
  /** Where the parties reach the service. */
  url: string
  /** Where a browser reaches it: what the assistant links to. */
  site: string
  onError: (error: unknown) => void
}

/**
 * The sandbox's three parties. They know what a vendor knows: the service's address, their credentials, and what comes to
 * their hooks. Their addresses are there before their hooks are stored; they answer once the service does.
 */
export class Sandbox {
  readonly #server: Server
  readonly #options: SandboxOptions
  #parties: Partial<Record<PartyName, Party>> = {}
  #desk: Desk | undefined
  #open = () => {}
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve
  })

  private constructor(options: SandboxOptions) {
    this.#options = options
    this.#server = createServer(async (request, response) => {
      await this.#opened
      const party = this.#parties[request.url?.slice(1) as PartyName]
      if (party) void party.receiver.node(request, response)
      else response.writeHead(404).end()
    })
  }

  static async listen(options: SandboxOptions): Promise<Sandbox> {
    const sandbox = new Sandbox(options)
    await once(sandbox.#server.listen(0, '127.0.0.1'), 'listening')
    sandbox.#server.on('error', options.onError)
    return sandbox
  }

  get places(): Pick<SandboxPlan, 'urls' | 'hooks'> {
    const { port } = this.#server.address() as AddressInfo
    const entries = <Value>(of: (name: PartyName) => Value) =>
      Object.fromEntries(PARTY_NAMES.map((name) => [name, of(name)])) as Record<PartyName, Value>
    const handlers = handlersOf(undefined as never, this.#options.site, desk(undefined as never, noted))
    return {
      urls: entries((name) => `http://127.0.0.1:${port}/${name}`),
      hooks: entries((name) => Object.keys(handlers[name])),
    }
  }

  /** With what is stored of them. */
  seat({ credentials, hookSecrets }: SandboxParties): void {
    const { url, site, onError } = this.#options
    const account = (name: PartyName) => {
      const { client_id: clientId, client_secret: clientSecret } = credentials[name]
      return { baseUrl: url, clientId, clientSecret, ...PATIENCE }
    }
    const clients = {
      iva: new TractPlatform(account('iva')),
      message_delivery: new TractPlatform(account('message_delivery')),
      desk: new Tract(account('desk')),
    }
    this.#desk = desk(clients.desk, onError)
    const handlers = handlersOf(clients.iva, site, this.#desk)
    for (const name of PARTY_NAMES)
      this.#parties[name] = new Party(clients[name], handlers[name], hookSecrets[name], onError)
  }

  /** From here on they answer. */
  open(): void {
    this.#open()
  }

  async close(): Promise<void> {
    this.#desk?.close()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
    await Promise.all(Object.values(this.#parties).map(({ tract }) => tract.close()))
  }
}

const handlersOf = (assistantsClient: TractPlatform, site: string, { handlers }: Desk) => ({
  iva: assistant(assistantsClient, site),
  message_delivery: { 'message.receive': noted },
  desk: handlers,
})
