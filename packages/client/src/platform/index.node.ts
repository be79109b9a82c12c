/** What Node gets: the same as index.ts, on undici's dispatcher. */
import type { Auth } from '../authentication/auth.js'
import { connect } from '../client.js'
import { PlatformMethods } from '../generated/platform-methods.js'
import type { TractOptions } from '../options.js'
import { nodeTransport } from '../transport/node.js'

export * from '../exports.js'
export type { PlatformEvent } from '../generated/events.js'
export type * from '../generated/platform-types.js'

export class TractPlatform extends PlatformMethods {
  readonly auth: Auth
  readonly close: () => Promise<void>

  constructor(options: TractOptions) {
    const { auth, caller, close } = connect(options, nodeTransport)
    super(caller)
    this.auth = auth
    this.close = close
  }
}
