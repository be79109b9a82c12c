/** A PostgreSQL server for one piece of work; removed afterwards. */
import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '../../packages/embedded-postgres/src/index.js'

export async function withEmptyServer<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
  // Made by the server, so that it can be reached when this runs as root.
  const dataDir = join(tmpdir(), `tract-prisma-${randomUUID()}`)
  const server = await startEmbeddedPostgres({ name: 'tract', dataDir, log: console.error })
  try {
    return await work(server.url)
  } finally {
    await server.stop()
    await rm(server.home, { recursive: true, force: true })
    await rm(dataDir, { recursive: true, force: true })
  }
}
