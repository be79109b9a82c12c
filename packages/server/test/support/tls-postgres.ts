/** A PostgreSQL server that is reached by TCP, with TLS and without. */
import { randomUUID } from 'node:crypto'
import { chownSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@tract/testing/listen'
import pg from 'pg'
import { prepareBinaries } from '../../../embedded-postgres/src/binaries.js'
import { prepareFolders } from '../../../embedded-postgres/src/folders.js'
import { startEmbeddedPostgres } from '../../../embedded-postgres/src/index.js'
import { PostgresProcess } from '../../../embedded-postgres/src/process.js'
import type { Certificate } from './certificates.js'

/** Databases, and how each is reached. */
const ACCESS = `
host      tract       all all trust
hostssl   only_tls    all all trust
hostnossl only_plain  all all trust
hostssl   certificate all all cert
`

export class TlsPostgres {
  private constructor(
    readonly port: number,
    readonly stop: () => Promise<void>,
  ) {}

  /** @param authority whose certificates it takes from clients, in PEM */
  static async start({ cert, key }: Certificate, authority: string): Promise<TlsPostgres> {
    const options = { name: 'tract', dataDir: join(tmpdir(), `tract-tls-${randomUUID()}`), log: () => {} }
    await (await startEmbeddedPostgres(options)).stop()
    const folders = prepareFolders(options)
    const write = (name: string, text: string) => {
      const path = join(folders.data, name)
      writeFileSync(path, text, { mode: 0o600 })
      if (folders.account) chownSync(path, folders.account.uid, folders.account.gid)
    }
    write('server.crt', cert)
    write('server.key', key)
    write('authority.crt', authority)
    write('pg_hba.conf', ACCESS)
    write('postgresql.conf', "ssl = on\nssl_ca_file = 'authority.crt'\n")
    const port = await freePort()
    const server = new PostgresProcess({
      binaries: prepareBinaries(folders),
      folders,
      connection: { host: 'localhost', port, user: 'tract', database: 'tract' },
      settings: ['listen_addresses=localhost', `port=${port}`, 'unix_socket_directories='],
      log: () => {},
    })
    await server.start()
    const started = new TlsPostgres(port, async () => {
      await server.stop()
      for (const folder of [folders.home, folders.dataDir]) rmSync(folder, { recursive: true, force: true })
    })
    for (const name of ['only_tls', 'only_plain', 'certificate']) await started.execute(`create database ${name}`)
    return started
  }

  url(database: string, settings: Record<string, string>, host = 'localhost'): string {
    return `postgresql://tract@${host}:${this.port}/${database}?${new URLSearchParams(settings)}`
  }

  /** As its superuser, in its first database. */
  async execute(statement: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ host: 'localhost', port: this.port, user: 'tract', database: 'tract' })
    await client.connect()
    try {
      return await client.query(statement)
    } finally {
      await client.end()
    }
  }
}
