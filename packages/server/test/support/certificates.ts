/** X.509 certificates as tests want them: wrong names, wrong times, authorities of their own. Node reads certificates, and makes none. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  const length =
    body.length < 128
      ? Buffer.from([body.length])
      : body.length < 256
        ? Buffer.from([0x81, body.length])
        : Buffer.from([0x82, body.length >> 8, body.length & 255])
  return Buffer.concat([Buffer.from([tag]), length, body])
}
const sequence = (...parts: Buffer[]) => der(0x30, ...parts)
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))
const bits = (bytes: Buffer) => der(0x03, Buffer.from([0]), bytes)
const truth = der(0x01, Buffer.from([0xff]))
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'))
const time = (at: Date) => der(0x18, Buffer.from(`${at.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`))
const named = (name: string) => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))))
const extension = (id: string, value: Buffer, critical = false) =>
  sequence(oid(id), ...(critical ? [truth] : []), der(0x04, value))

export interface Certificate {
  /** Both in PEM. */
  cert: string
  key: string
}

interface Issuer extends Certificate {
  name: string
  privateKey: KeyObject
}

export interface CertificateOptions {
  names?: string[]
  from?: Date
  until?: Date
  /** None: it signs itself. */
  issuer?: Issuer
}

const DAY = 24 * 3_600_000
let serial = 1

function make(name: string, isAuthority: boolean, { names = [], from, until, issuer }: CertificateOptions): Issuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const alternatives = sequence(...names.map((dns) => der(0x82, Buffer.from(dns))))
  const extensions = [
    extension('551d13', sequence(...(isAuthority ? [truth] : [])), true),
    ...(names.length > 0 ? [extension('551d11', alternatives)] : []),
  ]
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial++])),
    ECDSA_SHA256,
    named(issuer?.name ?? name),
    sequence(time(from ?? new Date(Date.now() - DAY)), time(until ?? new Date(Date.now() + DAY))),
    named(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', content, issuer?.privateKey ?? privateKey)
  const base64 = sequence(content, ECDSA_SHA256, bits(signature)).toString('base64')
  const cert = `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`
  return { name, privateKey, cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string }
}

/** An authority that no system trusts. */
export const makeAuthority = (name: string): Issuer => make(name, true, {})

export const makeCertificate = (options: CertificateOptions): Certificate =>
  make(options.names?.[0] ?? 'nobody', false, options)
