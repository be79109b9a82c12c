/** For the platform's own components, by the global `fetch`; on Node, see index.node.ts. */
import type { Auth } from '../authentication/auth.js'
import { connect } from '../client.js'
import { PlatformMethods } from '../generated/platform-methods.js'
import type { TractOptions } from '../options.js'
import { webTransport } from '../transport/web.js'

export * from '../exports.js'
export type { PlatformEvent } from '../generated/events.js'
export type * from '../generated/platform-types.js'

/** A client of the platform's own components: message delivery, the virtual assistant, the agent desk, analytics and operators. */
export class TractPlatform extends PlatformMethods {
  /** The access token and what it is made of. */
  readonly auth: Auth
  /** Closes the connections that are kept for the next call. They do not keep a process alive: this is for those who want them gone now. */
  readonly close: () => Promise<void>

  constructor(options: TractOptions) {
    const { auth, caller, close } = connect(options, () => webTransport())
    super(caller)
    this.auth = auth
    this.close = close
  }
}
