import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Tract } from '@tract/client'
import { TractPlatform } from '@tract/client/platform'
import { assistant } from './assistant.js'
import { desk } from './desk.js'
import { noted, PATIENCE, Party } from './party.js'
import type { PartyCredentials, PartyName } from './provision.js'

export interface Sandbox {
  close(): Promise<void>
}

export interface SandboxOptions {
  credentials: PartyCredentials
  /** Where the parties reach the service. */
  url: string
  /** Where a browser reaches it: what the assistant links to. */
  site: string
  onError: (error: unknown) => void
}

/**
 * The sandbox's three parties. They know of the service what a vendor knows: its address, their credentials, and what comes
 * to their hooks, signed, over HTTP.
 */
export async function startSandbox({ credentials, url, site, onError }: SandboxOptions): Promise<Sandbox> {
  const account = (name: PartyName) => {
    const { client_id: clientId, client_secret: clientSecret } = credentials[name]
    return { baseUrl: url, clientId, clientSecret, ...PATIENCE }
  }
  const iva = new TractPlatform(account('iva'))
  const delivery = new TractPlatform(account('message_delivery'))
  const agents = new Tract(account('desk'))
  const parties: Record<PartyName, Party> = {
    iva: new Party(iva, assistant(iva, site), onError),
    message_delivery: new Party(delivery, { 'message.receive': noted }, onError),
    desk: new Party(agents, desk(agents), onError),
  }
  const server = createServer((request, response) => {
    const party = Object.entries(parties).find(([name]) => request.url === `/${name}`)?.[1]
    if (party) void party.receiver.node(request, response)
    else response.writeHead(404).end()
  })
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
    await Promise.all(Object.values(parties).map(({ tract }) => tract.close()))
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  try {
    const { port } = server.address() as AddressInfo
    for (const [name, party] of Object.entries(parties)) await party.register(`http://127.0.0.1:${port}/${name}`)
  } catch (error) {
    await close()
    throw error
  }
  return { close }
}
