/** Jest loads its global setup outside its own transformation: tsx does it here. */
import { tsImport } from 'tsx/esm/api'

export default async () => {
  const { startServer } = await tsImport('./postgres-server.ts', import.meta.url)
  await startServer()
}
