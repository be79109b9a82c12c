/** TLS as receivers get it wrong, each with its name, and authorities of the operator's own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import net, { type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { listen } from '@tract/testing/listen'
import type { Lookup } from '../../../src/deliver/send/egress-guard.js'
import { readCaFile } from '../../../src/deliver/send/outgoing-tls.js'
import { Sender } from '../../../src/deliver/send/sender.js'
import { makeAuthority, makeCertificate } from '../../support/certificates.js'
import { LOOPBACK } from '../quick-settings.js'
import { DELIVERY } from '../sample-delivery.js'

const DAY = 24 * 3_600_000
const HOST = 'hooks.example'
const authority = makeAuthority('Authority of the tests')
const good = makeCertificate({ names: [HOST], issuer: authority })

/** Every name is this machine. */
const lookup: Lookup = (_, __, done) => done(null, [{ address: '127.0.0.1', family: 4 }])
const senders: Sender[] = []
const servers: { close: () => void; closeAllConnections?: () => void }[] = []
let trusting: Sender

function sender(ca: string[]): Sender {
  const made = new Sender({ version: '1.2.3', egress: LOOPBACK, timeoutMs: 20_000, lookup, way: { ca } })
  senders.push(made)
  return made
}

beforeAll(() => {
  trusting = sender([authority.cert])
})
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.()
    server.close()
  }
})
afterAll(async () => {
  for (const made of senders) await made.close()
})

async function listening(server: Server): Promise<string> {
  servers.push(server)
  return `https://${HOST}:${await listen(server)}/hook`
}

const yes: RequestListener = (request, response) => request.resume().on('end', () => response.end('{"success":true}'))
const secure = (options: https.ServerOptions) => listening(https.createServer({ ...good, ...options }, yes))
const raw = (serve: (socket: Socket) => void) =>
  listening(net.createServer((socket) => serve(socket.on('error', () => {}))))
const errorAt = async (url: string, by = trusting) =>
  (await by.send({ url, secrets: [Buffer.alloc(32)] }, DELIVERY))?.attempt.error

describe('an authority of the operator', () => {
  test('is trusted where it is given, and nowhere else', async () => {
    const url = await secure({})
    expect(await errorAt(url)).toBeNull()
    expect(await errorAt(url, sender([]))).toBe('tls_untrusted')
    expect(await errorAt(url, sender([makeAuthority('Another').cert]))).toBe('tls_untrusted')
  })

  test('comes from a file, which has to be one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tract-ca-'))
    const file = async (text: string) => {
      const path = join(folder, 'ca.pem')
      await writeFile(path, text)
      return path
    }
    const other = makeAuthority('Another').cert
    expect(readCaFile(await file(`# ours\n${authority.cert}\n${other}`))).toHaveLength(2)
    const broken = other.replace(/[A-Za-z0-9+/]{64}/, 'A'.repeat(64))
    const wrong: [string, RegExp][] = [
      [await file(''), /has none$/],
      [join(folder, 'none.pem'), /cannot be read \(ENOENT\)$/],
      [folder, /cannot be read \(EISDIR\)$/],
    ]
    expect(() => readCaFile(wrong[1]?.[0] as string)).toThrow(wrong[1]?.[1])
    expect(() => readCaFile(folder)).toThrow(wrong[2]?.[1])
    expect(() => readCaFile(wrong[0]?.[0] as string)).toThrow(wrong[0]?.[1])
    const half = await file(authority.cert + broken)
    expect(() => readCaFile(half)).toThrow(/has a broken one, number 2$/)
    await rm(folder, { recursive: true })
  })
})

describe('an attempt says of TLS', () => {
  test.each([
    ['another name', 'tls_hostname', makeCertificate({ names: ['other.example'], issuer: authority })],
    ['no name', 'tls_hostname', makeCertificate({ issuer: authority })],
    ['a certificate that signed itself', 'tls_untrusted', makeCertificate({ names: [HOST] })],
    [
      'an authority that nobody knows',
      'tls_untrusted',
      makeCertificate({ names: [HOST], issuer: makeAuthority('Unknown') }),
    ],
    [
      'one that has expired',
      'tls_expired',
      makeCertificate({ names: [HOST], issuer: authority, until: new Date(Date.now() - DAY / 2) }),
    ],
    [
      'one that is not valid yet',
      'tls_not_yet_valid',
      makeCertificate({ names: [HOST], issuer: authority, from: new Date(Date.now() + DAY / 2) }),
    ],
  ])('%s', async (_, error, certificate) => {
    expect(await errorAt(await secure(certificate))).toBe(error)
  })

  test('a version that is too old', async () => {
    expect(await errorAt(await secure({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }))).toBe('tls_version')
  })

  test('no cipher in common, which is no more than that', async () => {
    const url = await secure({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES256-GCM-SHA384' })
    expect(await errorAt(url)).toBe('tls')
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('that a certificate of ours is wanted, with %s', async (maxVersion) => {
    const url = await secure({ requestCert: true, rejectUnauthorized: true, maxVersion })
    expect(await errorAt(url)).toBe('tls_client_certificate')
    const long = { ...DELIVERY, body: JSON.stringify({ text: 'x'.repeat(1_000_000) }) }
    const sent = await trusting.send({ url, secrets: [Buffer.alloc(32)] }, long)
    expect(sent?.attempt.error).toBe('tls_client_certificate')
  })

  test('that plain HTTP, or something else, is spoken there', async () => {
    expect(await errorAt(await listening(http.createServer(yes)))).toBe('tls_not_spoken')
    expect(await errorAt(await raw((socket) => socket.end('220 mail.example ESMTP\r\n')))).toBe('tls_not_spoken')
  })

  test('that the connection was gone in the middle of the handshake', async () => {
    const closed = await raw((socket) => socket.once('data', () => socket.destroy()))
    expect(await errorAt(closed)).toBe('tls_reset')
    const reset = await raw((socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect(await errorAt(reset)).toBe('tls_reset')
  })

  test('nothing where it is gone after that', async () => {
    const url = await listening(https.createServer(good, (request) => request.socket.destroy()))
    expect(await errorAt(url)).toBe('connection_reset')
  })
})
