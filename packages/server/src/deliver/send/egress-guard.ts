import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns'
import { isIP, type Socket } from 'node:net'
import { buildConnector } from 'undici'
import { type EgressAllow, whyNotPublic } from './address-rules.js'
import { type EgressProxy, openTunnel } from './egress-proxy.js'
import { calledForm, type HookUrl } from './hook-url.js'
import { keepFirstError, nameHandshakeFailure, secureContextWith } from './outgoing-tls.js'

/** Resolves a name to all its addresses, as `dns.lookup` with `all: true`. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

const CONNECT_TIMEOUT_MS = 5_000
const REGISTRATION_LOOKUP_MS = 2_000
/** A receiver with many addresses does not make a proxy try them all. */
const MOST_TRIED_ADDRESSES = 8
const NO_TLS = 'it must begin with https://'

/** A connection that the rules of outgoing traffic forbid. */
class EgressRefused extends Error {
  readonly code = 'ERR_EGRESS_REFUSED'

  constructor(reason: string) {
    super(`Refused: ${reason}.`)
    this.name = 'EgressRefused'
  }
}

/** May a hook be registered at this URL, and in which form? A name that does not resolve yet passes: each connection is checked. */
export async function vetUrl(text: string, allow: EgressAllow, lookup: Lookup = systemLookup): Promise<HookUrl> {
  const form = calledForm(text)
  if ('refused' in form) return form
  const url = new URL(form.url)
  if (url.protocol !== 'https:' && !allow.http) return { refused: NO_TLS }
  const host = bareHost(url.hostname)
  const addresses = isIP(host) ? [host] : await resolveInTime(host, lookup)
  for (const address of addresses) {
    const reason = refuseAddress(host, address, url.protocol, portOf(url.protocol, url.port), allow)
    if (reason !== null) return { refused: reason }
  }
  return form
}

function refuseAddress(
  host: string,
  address: string,
  protocol: string,
  port: number,
  allow: EgressAllow,
): string | null {
  const withoutTls = protocol !== 'https:'
  if (allow.includes(address)) return withoutTls && !allow.http ? NO_TLS : null
  const why = whyNotPublic(address)
  const target = host === address ? host : `${host} (${address})`
  if (why !== null) return `${target} is not a public address: ${why}`
  if (withoutTls) return NO_TLS
  if (port !== 443 && port < 1024) return `port ${port} is not allowed: only 443 and 1024 and above`
  return null
}

/** What the operator has put on the way out. */
export interface WayOut {
  /** Certificates of authorities to trust beside the usual ones, in PEM. */
  ca?: readonly string[]
  proxy?: EgressProxy | null
}

/**
 * How hooks are connected to. Each connection resolves the name once, vets every address, and goes to one of them: a name
 * that changes its address later gains nothing. A proxy is asked for such an address, never for the name.
 */
export function guardedConnector(
  allow: EgressAllow,
  lookup: Lookup = systemLookup,
  { ca = [], proxy = null }: WayOut = {},
): buildConnector.connector {
  const secureContext = secureContextWith(ca)
  const settings = {
    timeout: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    autoSelectFamily: true,
    ...(secureContext && { secureContext }),
  }
  const throughTunnel = buildConnector(settings)
  const toPublic = buildConnector({
    ...settings,
    lookup: vettingLookup(lookup, (host, address) => refuseAddress(host, address, 'https:', 443, allow)),
  })
  // Plain http and low ports are for what the operator opened, and for nothing public.
  const toOpened = buildConnector({
    ...settings,
    lookup: vettingLookup(lookup, (host, address) =>
      allow.includes(address) ? null : `${host} (${address}) is reached by https on port 443 or 1024 and above only`,
    ),
  })
  return (options, callback) => {
    const host = bareHost(options.hostname)
    const port = portOf(options.protocol, options.port)
    const refuse = (address: string) => refuseAddress(host, address, options.protocol, port, allow)
    // An address in the URL itself never reaches a lookup.
    const reason = isIP(host) ? refuse(host) : options.protocol !== 'https:' && !allow.http ? NO_TLS : null
    if (reason !== null) return callback(new EgressRefused(reason), null)
    const restricted = options.protocol !== 'https:' || (port !== 443 && port < 1024)
    const isTls = options.protocol === 'https:'
    const begin = (
      connect: buildConnector.connector,
      refuseReached: (reached: string) => string | null,
      httpSocket?: Socket,
    ) => {
      const begun: unknown = connect(httpSocket ? { ...options, httpSocket } : options, (...[error, socket]) => {
        if (error !== null) return callback(isTls ? nameHandshakeFailure(error, begun) : error, null)
        // What was connected to in the end is what counts.
        const reason = refuseReached(socket.remoteAddress ?? '')
        if (reason === null) {
          if (isTls) keepFirstError(socket)
          return callback(null, socket)
        }
        socket.destroy()
        callback(new EgressRefused(reason), null)
      })
    }
    if (proxy === null || !isTls || proxy.passes(host, port)) return begin(restricted ? toOpened : toPublic, refuse)
    vettedAddresses(host, lookup, refuse)
      .then((addresses) => openTunnel(proxy, addresses, port, CONNECT_TIMEOUT_MS))
      // What is reached is the proxy; it was asked for an address that is vetted.
      .then((tunnel) => begin(throughTunnel, () => null, tunnel))
      .catch((error: Error) => callback(error, null))
  }
}

/** A lookup for `net.connect` that fails if any address of the name is refused. */
function vettingLookup(lookup: Lookup, refuse: (host: string, address: string) => string | null) {
  return (
    host: string,
    options: LookupOptions,
    done: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, [])
      const reason = addresses.map(({ address }) => refuse(host, address)).find((found) => found !== null)
      const [first] = addresses
      if (reason != null) return done(new EgressRefused(reason), [])
      if (first === undefined)
        return done(Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' }), [])
      if (options.all) done(null, addresses)
      else done(null, first.address, first.family)
    })
  }
}

/** Addresses of a host to try, all of which are vetted. */
function vettedAddresses(host: string, lookup: Lookup, refuse: (address: string) => string | null): Promise<string[]> {
  if (isIP(host)) return Promise.resolve([host])
  return new Promise((resolve, reject) => {
    const vetting = vettingLookup(lookup, (_, address) => refuse(address))
    vetting(host, { all: true }, (error, found) => {
      if (error !== null) return reject(error)
      const addresses = (found as LookupAddress[]).map(({ address }) => address)
      resolve(addresses.slice(0, MOST_TRIED_ADDRESSES))
    })
  })
}

function resolveInTime(host: string, lookup: Lookup): Promise<string[]> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), REGISTRATION_LOOKUP_MS)
    lookup(host, { all: true }, (error, addresses) => {
      clearTimeout(timer)
      resolve(error === null ? addresses.map(({ address }) => address) : [])
    })
  })
}

/** An IPv6 literal without its brackets. */
function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function portOf(protocol: string, port: string): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}
