/** A service that delivers to receivers of the SDK, for suites of both. */
import { createServer, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals'
import { listen, stop } from '@tract/testing/listen'
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'
import { QUICK } from '../../../server/test/deliver/quick-settings.js'
import { hookParts, Tract } from '../../src/index.node.js'
import { TractPlatform } from '../../src/platform/index.node.js'
import {
  createHookReceiver,
  type HookDelivery,
  type HookName,
  type HookReceiverOptions,
} from '../../src/webhooks/index.js'

export let service: TestService
export let world: World<'channel' | 'desk'>
export let desk: Tract
export let channel: TractPlatform
export const servers: Server[] = []

/** As a process ends that is killed: what is under way is cut. */
export const stopServers = () => Promise.all(servers.splice(0).map(stop))

export interface Connection {
  port: number
  secrets: string[]
  ids: Record<string, string>
  heard: { name: string; payload: Record<string, unknown>; delivery: HookDelivery }[]
}

/** The desk's hooks, all at one address. What has no handler in `options` is noted. */
export async function connect(names: HookName[], options: Partial<HookReceiverOptions> = {}): Promise<Connection> {
  const connection: Connection = { port: 0, secrets: [], ids: {}, heard: [] }
  const receiver = createHookReceiver({
    secrets: () => connection.secrets,
    fallback: (payload, delivery) => void connection.heard.push({ name: delivery.name, payload, delivery }),
    onError: () => {},
    ...options,
  } as HookReceiverOptions)
  const server = createServer(receiver.node)
  servers.push(server)
  connection.port = await listen(server)
  const url = `http://127.0.0.1:${connection.port}`
  for (const name of names) {
    const { id, signing_secret = '' } = await desk.hooks.register({ ...hookParts(name), url })
    connection.secrets.push(signing_secret)
    connection.ids[name] = id
  }
  return connection
}

export const write = (message_body: string, more: object = {}) =>
  channel.platformMessages.send({ user_id: 'asha', sender: 'ceu', message_body, user: {}, ...more })

export function useDeliveringService(): void {
  beforeAll(async () => {
    service = await TestService.start({ delivery: QUICK })
  })
  afterAll(() => service.close())
  beforeEach(async () => {
    world = await service.world({ channel: 'md', desk: 'ect' })
    const options = (name: 'channel' | 'desk') => {
      const { client_id: clientId, client_secret: clientSecret } = world.listeners[name].credentials
      return { baseUrl: service.url, clientId, clientSecret }
    }
    desk = new Tract(options('desk'))
    channel = new TractPlatform(options('channel'))
  })
  afterEach(async () => {
    await Promise.all([desk.close(), channel.close()])
    await stopServers()
  })
}
