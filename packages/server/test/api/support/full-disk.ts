/** A service in a process of its own for which the system ends every file at a length: writing on fails, as on a disk that is full. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { call } from '@tract/testing/call'
import { createDatabase } from '@tract/testing/postgres'

const PROGRAM = fileURLToPath(new URL('../../support/service-process.ts', import.meta.url))
/** In the shell's blocks of 512 bytes. */
const BLOCKS = 4_096
const LIMIT = 5 * 1_048_576

export class FullDisk {
  /** The most bytes that a file can have. */
  readonly most = BLOCKS * 512
  /** The most bytes that it takes for one, and for all that no message names. */
  readonly limit = LIMIT

  private constructor(
    readonly url: string,
    private readonly dataDir: string,
    private readonly process: ChildProcess,
    private readonly drop: () => Promise<void>,
  ) {}

  static async start(): Promise<FullDisk> {
    const database = await createDatabase()
    const dataDir = await mkdtemp(join(tmpdir(), 'tract-test-'))
    const child = spawn('sh', ['-c', `ulimit -f ${BLOCKS}; exec "$0" --import tsx "$1"`, process.execPath, PROGRAM], {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        TRACT_PORT: '0',
        TRACT_DATA_DIR: dataDir,
        DATABASE_URL: database.url,
        NODE_ENV: 'test',
        TRACT_LOG_LEVEL: 'silent',
        TRACT_LONGEST_WAIT: '600000',
        TRACT_ATTACHMENT_LIMIT: String(LIMIT),
        TRACT_UNNAMED_ATTACHMENTS_LIMIT: String(LIMIT),
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    const [line] = await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
    const [, url = ''] = String(line).trim().split(' ')
    return new FullDisk(url, dataDir, child, database.drop)
  }

  async token(): Promise<string> {
    const { listeners } = JSON.parse(await readFile(join(this.dataDir, 'demo.json'), 'utf8'))
    const { client_id, client_secret } = listeners.desk
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    return (await call(`${this.url}/tract/auth/token/`, { headers, body })).body.access_token
  }

  /** The files that are kept, or were left. */
  async files(): Promise<string[]> {
    const entries = await readdir(join(this.dataDir, 'attachments'), { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  }

  async close(): Promise<void> {
    this.process.kill('SIGKILL')
    await once(this.process, 'exit')
    await this.drop()
    await rm(this.dataDir, { recursive: true, force: true })
  }
}
