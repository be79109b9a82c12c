/** The built service in a process and a folder of its own, as a newcomer has it: with the demo organisation and the sandbox. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@tract/testing/listen'
import { Program } from '@tract/testing/program'

export interface Newcomer {
  url: string
  admin: { client_id: string; client_secret: string }
  stop(): Promise<void>
}

export async function startService(root: string): Promise<Newcomer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tract-screenshots-'))
  const env = { ...process.env, TRACT_DATA_DIR: dataDir, TRACT_PORT: String(await freePort()), TRACT_SANDBOX: 'on' }
  const program = new Program(process.execPath, [join(root, 'packages/server/bundle/main.js')], env)
  const stop = async () => {
    await program.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await program.says('TRACT is running')
    const { url, admin } = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'))
    return { url, admin, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
