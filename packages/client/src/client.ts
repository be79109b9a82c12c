/** What `Tract` and `TractPlatform` are made of. */
import { Auth } from './authentication/auth.js'
import type { CallContext } from './calls/attempts.js'
import { Calls, lowerCase } from './calls/calls.js'
import type { Caller } from './calls/resource.js'
import { observation } from './observation/observation.js'
import type { TractOptions } from './options.js'
import type { Transport } from './transport/transport.js'
import { webTransport } from './transport/web.js'
import { contractVersion, version } from './version.js'

export interface Connected {
  auth: Auth
  caller: Caller
  close: () => Promise<void>
}

/** @param usual what carries the calls to an address, unless the options say otherwise */
export function connect(options: TractOptions, usual: (baseUrl: string) => Transport): Connected {
  if (!/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/.test(options.baseUrl)) {
    throw new TypeError(
      'baseUrl has to be an address such as https://tract.example.com, without credentials or a query',
    )
  }
  const transport = options.fetch ? webTransport(options.fetch) : usual(options.baseUrl)
  const agent = `tract-client/${version} (contract/${contractVersion}; ${transport.runtime})`
  const auth = new Auth(options, () => calls)
  const context: CallContext = {
    transport,
    settings: options,
    token: auth.accessToken,
    headers: {
      ...lowerCase(options.headers),
      accept: 'application/json',
      ...(transport.runtime && { 'user-agent': agent }),
    },
    observe: observation(options),
  }
  const calls: Calls = new Calls(context)
  return {
    auth,
    caller: (operation, input, call) => calls.make(operation, input, call),
    close: () => transport.close(),
  }
}
