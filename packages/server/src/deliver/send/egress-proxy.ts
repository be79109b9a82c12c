import http from 'node:http'
import https from 'node:https'
import { BlockList, isIP, type Socket } from 'node:net'

/** The way out through a proxy of the operator's: `HTTPS_PROXY`, `NO_PROXY`. */
export interface EgressProxy {
  url: URL
  /** Is this host, at this port, reached without it? */
  passes: (host: string, port: number) => boolean
}

/** The proxy cannot be reached, or refuses. It is nothing that the receiver did. */
class ProxyError extends Error {
  readonly code = 'ERR_PROXY'

  constructor(reason: string) {
    super(`The proxy ${reason}.`)
    this.name = 'ProxyError'
  }
}

/** @throws {TypeError} that goes on after the setting's name: "must be …" */
export function parseProxy(proxy: string, noProxy: string): EgressProxy {
  const url = URL.canParse(proxy) ? new URL(proxy) : null
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '')
    throw new TypeError('must be the URL of a proxy, such as http://proxy.example:3128')
  const rules = noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(ruleOf)
  return { url, passes: (host, port) => rules.some((rule) => rule(host.toLowerCase(), port)) }
}

type Rule = (host: string, port: number) => boolean

/** `*`, a name (with all below it), an address, a range of addresses; a name or address may have a port. */
function ruleOf(entry: string): Rule {
  if (entry === '*') return () => true
  const [, network = '', length = ''] = /^(.+)\/(\d{1,3})$/.exec(entry) ?? []
  const family = isIP(network)
  if (family !== 0 && Number(length) <= (family === 4 ? 32 : 128)) {
    const range = new BlockList()
    range.addSubnet(network, Number(length), family === 4 ? 'ipv4' : 'ipv6')
    return (host) => isIP(host) === family && range.check(host, family === 4 ? 'ipv4' : 'ipv6')
  }
  const [, named = entry, port] = isIP(entry) ? [] : (/^(.*?):(\d+)$/.exec(entry) ?? [])
  const name = named
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/^\*?\./, '')
  return (host, at) => (host === name || host.endsWith(`.${name}`)) && (port === undefined || Number(port) === at)
}

/** A connection through the proxy to an address that was vetted: the proxy is told no name that it could resolve by itself. */
export function openTunnel(proxy: URL, address: string, port: number, timeoutMs: number): Promise<Socket> {
  const authority = `${isIP(address) === 6 ? `[${address}]` : address}:${port}`
  const { username, password } = proxy
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? https : http).request({
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(username !== '' && { 'proxy-authorization': `Basic ${credentials}` }) },
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    })
    request
      .on('connect', ({ statusCode }, socket, head) => {
        if (statusCode === 200 && head.length === 0) return resolve(socket as Socket)
        socket.destroy()
        reject(new ProxyError(`answered ${statusCode}`))
      })
      .on('response', (response) => {
        response.destroy()
        reject(new ProxyError(`answered ${response.statusCode}`))
      })
      .on('error', (error: NodeJS.ErrnoException) => reject(new ProxyError(`cannot be used (${error.code})`)))
      .end()
  })
}
