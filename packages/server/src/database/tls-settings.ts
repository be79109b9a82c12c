/**
 * The address of the database, with the meaning that libpq gives to `sslmode`, `sslrootcert`, `sslcert`, `sslkey` and
 * `sslpassword`. The driver's own meaning is another one, and it warns of that.
 *
 *   disable      without TLS
 *   allow        with TLS where the server refuses a connection without
 *   prefer       without TLS where the server refuses a connection with
 *   require      with TLS, and the certificate is verified as by verify-ca if there is an `sslrootcert`
 *   verify-ca    with TLS, and the certificate is of an authority in `sslrootcert`
 *   verify-full  with TLS, and the certificate also names the host; without `sslrootcert`, or where that is `system`, any
 *                authority that Node knows counts
 *
 * A Unix socket has no TLS. Where other settings come without `sslmode`, it is verify-full, which is stricter than libpq.
 */
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'

const SETTINGS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'sslpassword'] as const
type Settings = Partial<Record<(typeof SETTINGS)[number], string>>

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']
const SYSTEM = 'system'

/**
 * How to connect, in the order in which it is tried: a mode that leaves it to the server has two ways.
 * @throws {Error} that says what is wrong with a setting
 */
export function tlsWaysTo(databaseUrl: string): readonly pg.ClientConfig[] {
  const [address = '', query = ''] = databaseUrl.split(/\?(.*)/s)
  const parameters = new URLSearchParams(query)
  const settings: Settings = {}
  for (const name of SETTINGS) {
    const given = parameters.getAll(name).at(-1)
    if (given !== undefined) settings[name] = given
    parameters.delete(name)
  }
  if (Object.keys(settings).length === 0) return [{ connectionString: databaseUrl }]
  parameters.delete('ssl')
  const connectionString = parameters.size > 0 ? `${address}?${parameters}` : address
  const tls = sslOf(settings)
  const { host } = new pg.Client({ connectionString, ssl: false })
  return (host.startsWith('/') ? [false] : tls).map((ssl) => ({ connectionString, ssl }))
}

function sslOf({ sslmode = 'verify-full', ...settings }: Settings): (false | ConnectionOptions)[] {
  if (!MODES.includes(sslmode)) throw new Error(`sslmode must be one of ${MODES.join(', ')}, not '${sslmode}'.`)
  const { sslrootcert, sslpassword } = settings
  const own: ConnectionOptions = {
    ...(settings.sslcert !== undefined && { cert: read('sslcert', settings) }),
    ...(settings.sslkey !== undefined && { key: read('sslkey', settings) }),
    ...(sslpassword !== undefined && { passphrase: sslpassword }),
  }
  if (sslrootcert === SYSTEM && sslmode !== 'verify-full')
    throw new Error(`sslrootcert=${SYSTEM} goes with sslmode=verify-full alone: anyone can get such a certificate.`)
  const authorities = sslrootcert === undefined || sslrootcert === SYSTEM ? {} : { ca: read('sslrootcert', settings) }
  const anyHost = { ...own, ...authorities, checkServerIdentity: () => undefined }
  const unnamed = 'ca' in authorities ? anyHost : { ...own, rejectUnauthorized: false }
  switch (sslmode) {
    case 'disable':
      return [false]
    case 'allow':
      return [false, unnamed]
    case 'prefer':
      return [unnamed, false]
    case 'require':
      return [unnamed]
    case 'verify-ca':
      if (!('ca' in authorities)) throw new Error('sslmode=verify-ca needs sslrootcert, or else verify-full.')
      return [anyHost]
    default:
      return [{ ...own, ...authorities }]
  }
}

function read(name: 'sslrootcert' | 'sslcert' | 'sslkey', settings: Settings): string {
  const path = settings[name] ?? ''
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`)
  }
}
