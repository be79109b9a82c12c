/** TLS to the database, by libpq's settings, against a PostgreSQL that has it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { TestService } from '@tract/testing/service'
import { until } from '@tract/testing/until'
import pg from 'pg'
import { connectToStart } from '../../src/database/start-connection.js'
import { makeAuthority, makeCertificate } from '../support/certificates.js'
import { TlsPostgres } from '../support/tls-postgres.js'

let folder: string
let server: TlsPostgres
const file = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-tls-settings-'))
  const authority = makeAuthority('Authority of the database')
  const client = makeCertificate({ names: ['tract'], issuer: authority })
  await writeFile(file('authority'), authority.cert)
  await writeFile(file('another'), makeAuthority('Another authority').cert)
  await writeFile(file('client.crt'), client.cert)
  await writeFile(file('client.key'), client.key)
  server = await TlsPostgres.start(makeCertificate({ names: ['localhost'], issuer: authority }), authority.cert)
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const ENCRYPTED = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'
const FILES = ['sslrootcert', 'sslcert', 'sslkey']

/** Whether the connection is encrypted, or why there is none. In `settings`, files stand by their names. */
async function connect(database: string, settings: string, host?: string): Promise<boolean | string> {
  const given = Object.fromEntries(new URLSearchParams(settings))
  for (const name of FILES) if (given[name] && given[name] !== 'system') given[name] = file(given[name])
  try {
    const { setup } = await connectToStart(server.url(database, given, host), () => {})
    const { rows } = await setup.query(ENCRYPTED)
    await setup.end()
    return rows[0]?.ssl
  } catch (error) {
    return (error as Error).message
  }
}

const NOT_TRUSTED = expect.stringMatching(/^DATABASE_URL: the certificate of \S+ is not trusted/)
const REFUSED = expect.stringMatching(/^DATABASE_URL: the server at \S+ refuses the user tract/)

describe('of a server that takes both', () => {
  test.each<[settings: string, host: string, expected: unknown]>([
    ['sslmode=disable', 'localhost', false],
    ['sslmode=allow', 'localhost', false],
    ['sslmode=prefer', 'localhost', true],
    ['sslmode=require', 'localhost', true],
    ['sslmode=require&sslrootcert=authority', '127.0.0.1', true],
    ['sslmode=require&sslrootcert=another', 'localhost', NOT_TRUSTED],
    ['sslmode=verify-ca&sslrootcert=authority', '127.0.0.1', true],
    ['sslmode=verify-ca&sslrootcert=another', 'localhost', NOT_TRUSTED],
    ['sslmode=verify-full&sslrootcert=authority', 'localhost', true],
    ['sslmode=verify-full&sslrootcert=authority', '127.0.0.1', NOT_TRUSTED],
    ['sslmode=verify-full&sslrootcert=another', 'localhost', NOT_TRUSTED],
    ['sslmode=verify-full&sslrootcert=system', 'localhost', NOT_TRUSTED],
    ['sslmode=verify-full', 'localhost', NOT_TRUSTED],
    ['sslrootcert=authority', 'localhost', true],
    ['sslrootcert=authority', '127.0.0.1', NOT_TRUSTED],
  ])('%s at %s', async (settings, host, expected) => {
    expect(await connect('tract', settings, host)).toEqual(expected)
  })
})

describe('where the server decides', () => {
  test.each<[database: string, settings: string, expected: unknown]>([
    ['only_tls', 'sslmode=disable', REFUSED],
    ['only_tls', 'sslmode=allow', true],
    ['only_tls', 'sslmode=prefer', true],
    ['only_plain', 'sslmode=allow', false],
    ['only_plain', 'sslmode=prefer', false],
    ['only_plain', 'sslmode=require', REFUSED],
    ['certificate', 'sslmode=require', REFUSED],
    ['certificate', 'sslmode=require&sslcert=client.crt&sslkey=client.key', true],
  ])('%s by %s', async (database, settings, expected) => {
    expect(await connect(database, settings)).toEqual(expected)
  })

  test('one without TLS is reached by the modes that do not ask for it', async () => {
    await server.execute('alter system set ssl = off')
    await server.execute('select pg_reload_conf()')
    await until(async () => (await server.execute('show ssl')).rows[0].ssl === 'off', 'a server without TLS')
    try {
      expect(await connect('tract', 'sslmode=prefer')).toBe(false)
      expect(await connect('tract', 'sslmode=allow')).toBe(false)
      expect(await connect('tract', 'sslmode=require')).toMatch(/does not offer TLS/)
      expect(await connect('tract', 'sslmode=verify-full&sslrootcert=authority')).toMatch(/does not offer TLS/)
    } finally {
      await server.execute('alter system reset ssl')
      await server.execute('select pg_reload_conf()')
      await until(async () => (await server.execute('show ssl')).rows[0].ssl === 'on', 'a server with TLS')
    }
  })
})

test.each([
  ['sslmode=sometimes', /^DATABASE_URL: sslmode must be one of disable, .*verify-full, not 'sometimes'/],
  ['sslmode=verify-ca', /^DATABASE_URL: sslmode=verify-ca needs sslrootcert/],
  ['sslmode=require&sslrootcert=system', /^DATABASE_URL: sslrootcert=system goes with sslmode=verify-full alone/],
  ['sslmode=require&sslcert=nothing', /^DATABASE_URL: sslcert: \S+nothing cannot be read \(ENOENT\)/],
])('%s is named', async (settings, said) => {
  expect(await connect('tract', settings)).toMatch(said)
})

test('every connection of a service goes the way that its start found, and the driver warns of nothing', async () => {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const url = server.url('only_tls', { sslmode: 'require', sslrootcert: file('authority') })
  const service = await TestService.start({ route: async () => url })
  try {
    const { rows } = await server.execute(`select ssl, count(*)::int from pg_stat_ssl join pg_stat_activity using (pid)
      where datname = 'only_tls' group by ssl`)
    expect(rows).toEqual([{ ssl: true, count: expect.any(Number) }])
    expect(rows[0].count).toBeGreaterThan(3)
    expect(warned).not.toHaveBeenCalled()
    // the driver's own reading of it does
    new pg.Client({ connectionString: url })
    expect(warned).toHaveBeenCalled()
  } finally {
    await service.close()
    warned.mockRestore()
  }
})
