/** For Deno, Bun, Workers and browsers, by the global `fetch`; on Node, see index.node.ts. */
import type { Auth } from './authentication/auth.js'
import { connect } from './client.js'
import { VendorMethods } from './generated/vendor-methods.js'
import type { TractOptions } from './options.js'
import { webTransport } from './transport/web.js'

export * from './exports.js'

/** A vendor's client: a method for every operation of the contract, and the access token fetched and renewed by itself. */
export class Tract extends VendorMethods {
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
