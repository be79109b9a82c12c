import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import tls from 'node:tls'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/**
 * The setting TRACT_CA_FILE: certificates of authorities that receivers are trusted by, beside the usual ones.
 * @throws {TypeError} that goes on after the setting's name: "must be …"
 */
export function readCaFile(path: string): string[] {
  const wrong = (why: string) => new TypeError(`must be a file of certificates in PEM: ${path} ${why}`)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw wrong(`cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  const certificates = text.match(CERTIFICATE) ?? []
  if (certificates.length === 0) throw wrong('has none')
  certificates.forEach((certificate, index) => {
    try {
      new X509Certificate(certificate)
    } catch {
      throw wrong(`has a broken one, number ${index + 1}`)
    }
  })
  return certificates
}

/** What Node trusts by itself, with these. Made once: to read all of them takes milliseconds. */
export function secureContextWith(ca: readonly string[]): tls.SecureContext | undefined {
  if (ca.length === 0) return undefined
  // from Node 22.15 on with those of NODE_EXTRA_CA_CERTS
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] }
  return tls.createSecureContext({ ca: [...(getCACertificates?.('default') ?? tls.rootCertificates), ...ca] })
}

class TlsFailure extends Error {
  constructor(
    readonly code: string,
    cause: Error,
  ) {
    super(cause.message, { cause })
    this.name = 'TlsFailure'
  }
}

/** A handshake that failed, where OpenSSL's code alone does not say at what. */
export function nameHandshakeFailure(error: Error, socket: unknown): Error {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (code === 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE')
    return hasShownCertificate(socket) ? new TlsFailure('ERR_TLS_CLIENT_CERTIFICATE_WANTED', error) : error
  const isReset = (code === 'ECONNRESET' || code === 'EPIPE') && syscall !== 'connect'
  return isReset ? new TlsFailure('ERR_TLS_HANDSHAKE_RESET', error) : error
}

/** Up to TLS 1.2 a server says no more than that the handshake failed: once it has shown its own certificate, it is ours that it misses. */
function hasShownCertificate(socket: unknown): boolean {
  return socket instanceof tls.TLSSocket && Object.keys(socket.getPeerCertificate() ?? {}).length > 0
}

/** From TLS 1.3 on a server that misses a certificate says so after the handshake, and closes: what it said is why. */
export function keepFirstError(socket: Socket): void {
  socket.prependOnceListener('error', (error) => socket.destroy(error))
}
