/** A PostgreSQL server for one piece of work; removed afterwards. */
import { startEmbedded } from '../../packages/testing/src/postgres-server.js'

export async function withEmptyServer<T>(work: (databaseUrl: string) => Promise<T>): Promise<T> {
  const server = await startEmbedded()
  return work(server.url).finally(server.stop)
}
