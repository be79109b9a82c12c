/** Prisma's CLI on the schema engine from npm (schema-engine.mjs), which needs no download. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

const CLI = join(dirname(createRequire(import.meta.url).resolve('prisma/package.json')), 'build/index.js')
const ENGINE = fileURLToPath(new URL('schema-engine.mjs', import.meta.url))

export interface PrismaRun {
  exitCode: number
  /** What it printed; empty when that went to the terminal. */
  stdout: string
  stderr: string
}

/** Runs the CLI at the repository's root; `databaseUrl` is its datasource. */
export function prisma(args: string[], databaseUrl = '', terminal = false): Promise<PrismaRun> {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: ROOT,
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      PRISMA_SCHEMA_ENGINE_BINARY: ENGINE,
      // It neither looks for newer versions nor advertises them.
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
    stdio: terminal ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text) => {
      printed[stream] += text
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ exitCode: code ?? 1, ...printed }))
  })
}
