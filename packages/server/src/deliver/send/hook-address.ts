import { STREAM_URL } from '../../accounts/hooks.js'

/** A hook's URL in the parts that a request is made of. */
export interface HookAddress {
  origin: string
  /** With the query. */
  path: string
}

/** Parsing costs as much as a fifth of a signature, at every attempt. A hook that changes is another object. */
const addresses = new WeakMap<object, HookAddress>()

export function addressOf(hook: { readonly url: string }): HookAddress {
  let address = addresses.get(hook)
  if (address === undefined) {
    const url = new URL(hook.url)
    // to a URL of such a scheme the standard gives no origin
    const origin = hook.url === STREAM_URL ? STREAM_URL : url.origin
    address = { origin, path: url.pathname + url.search }
    addresses.set(hook, address)
  }
  return address
}
