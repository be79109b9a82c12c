/** The way out through a proxy, with the rules of outgoing traffic as they are without one. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { listen } from '@tract/testing/listen'
import { type EgressAllow, parseEgressAllow } from '../../../src/deliver/send/address-rules.js'
import type { Lookup } from '../../../src/deliver/send/egress-guard.js'
import { parseProxy } from '../../../src/deliver/send/egress-proxy.js'
import { Sender } from '../../../src/deliver/send/sender.js'
import { makeAuthority, makeCertificate } from '../../support/certificates.js'
import { LOOPBACK, PATIENT_TIMEOUT_MS } from '../quick-settings.js'
import { DELIVERY } from '../sample-delivery.js'

const authority = makeAuthority('Authority of the tests')
const names = ['hooks.example', 'moves.example', 'desk.internal']

/** What the proxy was asked for, and by whom. */
let asked: { authority: string; credentials: string | undefined }[] = []
let answer: (socket: Socket, target: string) => boolean = () => true
let receiver: Server
let proxy: Server
let resolved: string[] = []
/** What each name resolves to at its look-ups, one after another: addresses with spaces between. */
let addresses: Record<string, string[]> = {}

const portOf = (server: Server) => (server.address() as AddressInfo).port
const lookup: Lookup = (name, _, done) => {
  resolved.push(name)
  const known = addresses[name]
  if (known === undefined) return done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), [])
  const found = known.length > 1 ? (known.shift() as string) : (known[0] as string)
  done(
    null,
    found.split(' ').map((address) => ({ address, family: 4 })),
  )
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
    const target = new URL(`http://${url}`)
    if (!answer(socket, target.hostname)) return
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
  {
    noProxy = '',
    at = `http://127.0.0.1:${portOf(proxy)}`,
    egress = LOOPBACK as EgressAllow,
    headStart = PATIENT_TIMEOUT_MS,
  } = {},
) {
  const way = { ca: [authority.cert], proxy: { ...parseProxy(at, noProxy), headStart } }
  const sender = new Sender({ version: '1.2.3', egress, timeoutMs: PATIENT_TIMEOUT_MS, lookup, way })
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

describe('the addresses of a name are tried one after another', () => {
  const BAD_GATEWAY = 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n'
  const targets = () => asked.map(({ authority }) => authority.split(':')[0])
  const answerWith = (texts: Record<string, string>) => {
    answer = (socket, target) => {
      const text = texts[target]
      if (text) socket.end(text)
      return text === undefined
    }
  }

  test('until the proxy gets to one', async () => {
    addresses['hooks.example'] = ['127.0.0.3 127.0.0.2 127.0.0.1 127.0.0.4']
    answerWith({ '127.0.0.3': BAD_GATEWAY, '127.0.0.2': 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n' })
    expect(await send(hook('hooks.example'))).toBeNull()
    expect(targets()).toEqual(['127.0.0.3', '127.0.0.2', '127.0.0.1'])
  })

  test('and beside one that the proxy does not get to or away from', async () => {
    addresses['hooks.example'] = ['127.0.0.2 127.0.0.1']
    const left: Promise<unknown>[] = []
    answer = (socket, target) => {
      if (target === '127.0.0.2') left.push(once(socket.resume(), 'end'))
      return target !== '127.0.0.2'
    }
    expect(await send(hook('hooks.example'), { headStart: 1 })).toBeNull()
    expect(targets()).toEqual(['127.0.0.2', '127.0.0.1'])
    await Promise.all(left)
  })

  test('but for a proxy that wants credentials, which wants them for each', async () => {
    addresses['hooks.example'] = ['127.0.0.2 127.0.0.1']
    answerWith({ '127.0.0.2': 'HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n' })
    expect(await send(hook('hooks.example'))).toBe('proxy')
    expect(targets()).toEqual(['127.0.0.2'])
  })

  test('eight of them, and no more', async () => {
    addresses['hooks.example'] = [Array.from({ length: 20 }, (_, last) => `127.0.1.${last}`).join(' ')]
    answer = (socket) => {
      socket.end(BAD_GATEWAY)
      return false
    }
    expect(await send(hook('hooks.example'))).toBe('proxy')
    expect(targets()).toHaveLength(8)
  })

  test('and none if the rules forbid one', async () => {
    addresses['hooks.example'] = ['127.0.0.1 10.1.2.3']
    expect(await send(hook('hooks.example'))).toBe('egress_refused')
    expect(asked).toEqual([])
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

  test.each(['10.0.0.0/33', '::/129', 'fd00::/', '/8', 'desk.example/8', 'https://desk.example'])(
    '%s is none',
    (entry) => {
      expect(() => passes(`a.example, ${entry}`, 'a.example')).toThrow(`such as 10.0.0.0/8, and '${entry}' is none`)
    },
  )

  test.each(['proxy.example', 'socks5://proxy.example', 'http://'])('a proxy is no %s', (url) => {
    expect(() => parseProxy(url, '')).toThrow('must be the URL of a proxy')
  })
})
