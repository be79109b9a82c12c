/** An organisation on the real service, and the SDK in the hands of each of its listeners. */
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'
import { Tract } from '../../src/index.node.js'
import type { TractSettings } from '../../src/options.js'
import { TractPlatform } from '../../src/platform/index.node.js'
import { FaultProxy } from './fault-proxy.js'

type Names = 'desk' | 'iva' | 'md'

export class Desk {
  private constructor(
    readonly service: TestService,
    readonly world: World<Names>,
    readonly proxy: FaultProxy,
  ) {}

  static async open(environment: NodeJS.ProcessEnv = {}): Promise<Desk> {
    const service = await TestService.start({ environment })
    const world = await service.world({ desk: 'ect', iva: 'iva', md: 'md' })
    const desk = new Desk(service, world, await FaultProxy.before(service.url))
    // Control goes only to listeners with hooks. Nothing answers at this port, so that deliveries wait.
    const hook = { category: 'message', subcategory: 'receive', url: 'http://127.0.0.1:9/hooks' } as const
    for (const name of ['desk', 'iva'] as const) await desk.platform(name).hooks.register(hook)
    return desk
  }

  async close(): Promise<void> {
    await this.proxy.close()
    await this.service.close()
  }

  /** The vendor's client, by way of the proxy. */
  tract(settings: Partial<TractSettings> = {}, baseUrl: string = this.proxy.url): Tract {
    return new Tract({ baseUrl, ...this.credentials('desk'), ...settings })
  }

  platform(name: Names, settings: Partial<TractSettings> = {}): TractPlatform {
    return new TractPlatform({ baseUrl: this.service.url, ...this.credentials(name), ...settings })
  }

  credentials(name: Names): { clientId: string; clientSecret: string } {
    const { client_id, client_secret } = this.world.listeners[name].credentials
    return { clientId: client_id, clientSecret: client_secret }
  }

  /** A user whose conversation the desk has control of. */
  async user(user_id: string): Promise<string> {
    const [md, iva] = [this.platform('md'), this.platform('iva')]
    await md.platformMessages.send({ user_id, sender: 'ceu', message_body: 'My bill is wrong', user: {} })
    const passed = await iva.threads.pass({ user_id, requester: 'iva', receiver: 'desk' })
    if (!passed.success) throw new Error(passed.reason.message)
    return user_id
  }
}
