/** The way out through a proxy, with the rules of outgoing traffic as they are without one. */
import { createServer, type IncomingMessage } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type EgressAllow, parseEgressAllow } from '../../../src/deliver/send/address-rules.js'
import type { Lookup } from '../../../src/deliver/send/egress-guard.js'
import { parseProxy } from '../../../src/deliver/send/egress-proxy.js'
import { Sender } from '../../../src/deliver/send/sender.js'
import { makeAuthority, makeCertificate } from '../../support/certificates.js'
import { LOOPBACK } from '../quick-settings.js'
import { DELIVERY } from '../sample-delivery.js'

const authority = makeAuthority('Authority of the tests')
const names = ['hooks.example', 'moves.example', 'desk.internal']

/** What the proxy was asked for, and by whom. */
let asked: { authority: string; credentials: string | undefined }[] = []
let answer: (socket: Socket) => boolean = () => true
let receiver: Server
let proxy: Server
let resolved: string[] = []
/** What each name resolves to at the next look-up. */
let addresses: Record<string, string[]> = {}

const portOf = (server: Server) => (server.address() as AddressInfo).port
const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const lookup: Lookup = (name, _, done) => {
  resolved.push(name)
  const known = addresses[name]
  if (known === undefined) return done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])
  const address = known.length > 1 ? (known.shift() as string) : (known[0] as string)
  done(null, [{ address, family: 4 }])
}

beforeAll(async () => {
  receiver = https.createServer(makeCertificate({ names, issuer: authority }), (request, response) =>
    request.resume().on('end', () => response.end('{"success":true}')),
  )
  await listen(receiver)
  proxy = createServer()
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    const { url = '', headers } = request
    asked.push({ authority: url, credentials: headers['proxy-authorization'] })
    socket.on('error', () => {})
    if (!answer(socket)) return
    const target = new URL(`http://${url}`)
    const through = net.connect(Number(target.port), target.hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      through.pipe(socket).pipe(through)
    })
    through.on('error', () => socket.destroy())
  })
  await listen(proxy)
})
beforeEach(() => {
  asked = []
  resolved = []
  answer = () => true
  addresses = { 'hooks.example': ['127.0.0.1'], 'desk.internal': ['10.1.2.3'] }
})
afterAll(() => {
  for (const server of [receiver, proxy]) server.close()
})

async function send(
  url: string,
  { noProxy = '', at = `http://127.0.0.1:${portOf(proxy)}`, egress = LOOPBACK as EgressAllow } = {},
) {
  const way = { ca: [authority.cert], proxy: parseProxy(at, noProxy) }
  const sender = new Sender({ version: '1.2.3', egress, timeoutMs: 20_000, lookup, way })
  const sent = await sender.send({ url, secrets: [Buffer.alloc(32)] }, DELIVERY)
  await sender.close()
  return sent?.attempt.error
}
const hook = (name: string) => `https://${name}:${portOf(receiver)}/hook`

describe('through a proxy', () => {
  test('goes what goes out, to the address that was vetted, under the name of the hook', async () => {
    expect(await send(hook('hooks.example'), { at: `http://tract:s%40fe@127.0.0.1:${portOf(proxy)}` })).toBeNull()
    const credentials = `Basic ${Buffer.from('tract:s@fe').toString('base64')}`
    expect(asked).toEqual([{ authority: `127.0.0.1:${portOf(receiver)}`, credentials }])
    expect(resolved).toEqual(['hooks.example'])
  })

  test('nothing gets into a network that is closed, by name or by address', async () => {
    expect(await send(hook('desk.internal'))).toBe('egress_refused')
    expect(await send('https://10.1.2.3/hook')).toBe('egress_refused')
    expect(await send('https://169.254.169.254/latest')).toBe('egress_refused')
    expect(await send(hook('hooks.example'), { egress: parseEgressAllow('') })).toBe('egress_refused')
    expect(asked).toEqual([])
  })

  test('a name that changes its address after the check gains nothing', async () => {
    addresses['moves.example'] = ['127.0.0.1', '10.1.2.3']
    expect(await send(hook('moves.example'))).toBeNull()
    expect(asked.map(({ authority }) => authority)).toEqual([`127.0.0.1:${portOf(receiver)}`])
    expect(await send(hook('moves.example'))).toBe('egress_refused')
    expect(asked).toHaveLength(1)
  })

  test('a name that there is not is no fault of the proxy', async () => {
    expect(await send(hook('nowhere.example'))).toBe('dns')
    expect(asked).toEqual([])
  })

  test.each(['hooks.example', '.example', '*', `hooks.example:PORT`, 'a.test, example'])(
    'nothing goes that NO_PROXY names: %s',
    async (noProxy) => {
      const text = noProxy.replace('PORT', String(portOf(receiver)))
      expect(await send(hook('hooks.example'), { noProxy: text })).toBeNull()
      expect(asked).toEqual([])
    },
  )

  test('what NO_PROXY names is vetted all the same', async () => {
    expect(await send(hook('desk.internal'), { noProxy: '*' })).toBe('egress_refused')
  })
})

describe('a proxy at fault is told from a receiver', () => {
  test.each([
    ['asks for credentials', 'HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n'],
    ['refuses', 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n'],
    ['cannot get there', 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'],
    ['speaks something else', '220 mail.example ESMTP\r\n'],
  ])('that %s', async (_, text) => {
    answer = (socket) => {
      socket.end(text)
      return false
    }
    expect(await send(hook('hooks.example'))).toBe('proxy')
  })

  test('that is not there', async () => {
    const gone = createServer()
    await listen(gone)
    const at = `http://127.0.0.1:${portOf(gone)}`
    await new Promise((resolve) => gone.close(resolve))
    expect(await send(hook('hooks.example'), { at })).toBe('proxy')
  })
})

describe('NO_PROXY', () => {
  const passes = (noProxy: string, host: string, port = 443) =>
    parseProxy('http://proxy:3128', noProxy).passes(host, port)

  test.each([
    ['', 'a.example', false],
    ['example', 'a.example', true],
    ['example', 'anexample', false],
    ['*.example', 'a.example', true],
    ['A.Example', 'a.example', true],
    ['a.example:8443', 'a.example', false],
    ['10.0.0.0/8', '10.1.2.3', true],
    ['10.0.0.0/8', '11.1.2.3', false],
    ['fd00::/8', 'fd12::1', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.10', false],
    ['::1', '::1', true],
  ])('%j, and %s', (noProxy, host, expected) => {
    expect(passes(noProxy, host)).toBe(expected)
  })

  test.each(['proxy.example', 'socks5://proxy.example', 'http://'])('a proxy is no %s', (url) => {
    expect(() => parseProxy(url, '')).toThrow('must be the URL of a proxy')
  })
})
