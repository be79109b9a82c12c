import { Receiver } from '@tract/testing/receiver'
import { TestService } from '@tract/testing/service'
import type { World } from '@tract/testing/world'
import { Cli } from './cli.js'

type Name = 'iva' | 'desk' | 'md'

/** A service with an organisation, a command line with a profile of each of its listeners, and a receiver of their hooks. */
export class CliWorld {
  private constructor(
    readonly service: TestService,
    readonly world: World<Name>,
    readonly receiver: Receiver,
    readonly cli: Cli,
  ) {}

  static async start(hooks: Partial<Record<Name, readonly string[]>>): Promise<CliWorld> {
    const service = await TestService.start()
    const world = await service.world({ desk: 'ect', iva: 'iva', md: 'md' })
    const receiver = await Receiver.start()
    const cli = await Cli.create()
    const { desk, iva, md } = world.listeners
    await cli.profiles(service.url, { desk: desk.credentials, iva: iva.credentials, md: md.credentials })
    for (const [name, events] of Object.entries(hooks)) await receiver.hear(world.listeners[name as Name], ...events)
    return new CliWorld(service, world, receiver, cli)
  }

  /** A user whom the desk has. */
  async deskUser(user: string): Promise<string> {
    await this.world.write(user, 'Hello')
    await this.world.pass(user, 'iva', 'desk')
    return user
  }

  async close(): Promise<void> {
    await this.cli.close()
    await this.receiver.close()
    await this.service.close()
  }
}
