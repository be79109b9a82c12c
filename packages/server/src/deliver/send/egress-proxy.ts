import http from 'node:http'
import https from 'node:https'
import { BlockList, isIP, type Socket } from 'node:net'

/** The way out through a proxy of the operator's: `HTTPS_PROXY`, `NO_PROXY`. */
export interface EgressProxy {
  url: URL
  /** Milliseconds that an address has before the next is tried beside it. */
  headStart: number
  /** Is this host, at this port, reached without it? */
  passes: (host: string, port: number) => boolean
}

/** Milliseconds, as RFC 8305 recommends. */
const HEAD_START_MS = 250

/** The proxy cannot be reached, or refuses. It is nothing that the receiver did. */
class ProxyError extends Error {
  readonly code = 'ERR_PROXY'

  constructor(
    reason: string,
    /** May it get to another address all the same? */
    readonly elsewhere: boolean,
  ) {
    super(`The proxy ${reason}.`)
    this.name = 'ProxyError'
  }
}

/** @throws {TypeError} that begins with the setting's name */
export function parseProxy(proxy: string, noProxy: string): EgressProxy {
  const url = URL.canParse(proxy) ? new URL(proxy) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '')
    throw new TypeError('HTTPS_PROXY must be the URL of a proxy, such as http://proxy.example:3128')
  const rules = noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(ruleOf)
  const passes = (host: string, port: number) => rules.some((rule) => rule(host.toLowerCase(), port))
  return { url, headStart: HEAD_START_MS, passes }
}

type Rule = (host: string, port: number) => boolean

/** `*`, a name (with all below it), an address, a range of addresses; a name or address may have a port. */
function ruleOf(entry: string): Rule {
  if (entry === '*') return () => true
  if (entry.includes('/')) return rangeOf(entry)
  const [, named = entry, port] = isIP(entry) ? [] : (/^(.*?):(\d+)$/.exec(entry) ?? [])
  const name = named
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/^\*?\./, '')
  return (host, at) => (host === name || host.endsWith(`.${name}`)) && (port === undefined || Number(port) === at)
}

function rangeOf(entry: string): Rule {
  const [, network = '', length = ''] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? []
  const family = isIP(network)
  if (family === 0 || Number(length) > (family === 4 ? 32 : 128))
    throw new TypeError(`NO_PROXY must be names, addresses and ranges such as 10.0.0.0/8, and '${entry}' is none`)
  const version = family === 4 ? 'ipv4' : 'ipv6'
  const range = new BlockList()
  range.addSubnet(network, Number(length), version)
  return (host) => isIP(host) === family && range.check(host, version)
}

/**
 * A connection through the proxy to the first of some vetted addresses that it gets to: the proxy is told no name that it
 * could resolve by itself. The next one is tried once the one before has failed or has had its head start.
 */
export function openTunnel(
  { url, headStart }: EgressProxy,
  addresses: readonly string[],
  port: number,
  timeoutMs: number,
): Promise<Socket> {
  const over = new AbortController()
  const deadline = setTimeout(() => over.abort(), timeoutMs)
  const waiting = addresses.values()
  let underWay = 0
  let nextTry: NodeJS.Timeout | undefined
  return new Promise<Socket>((resolve, reject) => {
    const tryNext = () => {
      clearTimeout(nextTry)
      const { value: address, done } = waiting.next()
      if (done || over.signal.aborted) return
      underWay++
      nextTry = setTimeout(tryNext, headStart)
      connectTo(url, address, port, over.signal).then(
        (socket) => (over.signal.aborted ? socket.destroy() : resolve(socket)),
        (error: ProxyError) => {
          underWay--
          if (error.elsewhere) tryNext()
          if (underWay === 0) reject(error)
        },
      )
    }
    tryNext()
  }).finally(() => {
    clearTimeout(nextTry)
    clearTimeout(deadline)
    over.abort()
  })
}

function connectTo(proxy: URL, address: string, port: number, signal: AbortSignal): Promise<Socket> {
  const authority = `${isIP(address) === 6 ? `[${address}]` : address}:${port}`
  const { username, password } = proxy
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return new Promise((resolve, reject) => {
    const fail = (reason: string, elsewhere: boolean) => reject(new ProxyError(reason, elsewhere))
    const request = (proxy.protocol === 'https:' ? https : http).request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(username !== '' && { 'proxy-authorization': `Basic ${credentials}` }) },
      agent: false,
      signal,
    })
    request
      .on('connect', ({ statusCode }, socket, head) => {
        if (statusCode === 200 && head.length === 0) return resolve(socket as Socket)
        socket.destroy()
        fail(`answered ${statusCode}`, statusCode !== 407)
      })
      .on('response', (response) => {
        response.destroy()
        fail(`answered ${response.statusCode}`, response.statusCode !== 407)
      })
      .on('error', (error: NodeJS.ErrnoException) => fail(`cannot be used (${error.code})`, false))
      .end()
  })
}
