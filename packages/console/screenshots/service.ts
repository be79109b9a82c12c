/** The built service in a process and a folder of its own, as a newcomer has it: with the demo organisation and the sandbox. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Newcomer {
  url: string
  admin: { client_id: string; client_secret: string }
  stop(): Promise<void>
}

export async function startService(root: string): Promise<Newcomer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tract-screenshots-'))
  const env = { ...process.env, TRACT_DATA_DIR: dataDir, TRACT_PORT: String(await freePort()), TRACT_SANDBOX: 'on' }
  const child = spawn(process.execPath, [join(root, 'packages/server/bundle/main.js')], { cwd: root, env })
  const stop = async () => {
    if (child.exitCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await running(child)
    const { url, admin } = JSON.parse(await readFile(join(dataDir, 'demo.json'), 'utf8'))
    return { url, admin, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function running(child: ChildProcess): Promise<void> {
  let printed = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        printed += chunk
        if (printed.includes('TRACT is running')) resolve()
      })
    }
    child.once('exit', () => reject(new Error(`the service did not start:\n${printed}`)))
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
