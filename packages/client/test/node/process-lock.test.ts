/** One process has a file: also where the system would let a second one have it. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { FileInUseError, fileStore } from '../../src/node/index.js'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tract-lock-'))
  path = join(folder, 'deliveries.log')
})
afterEach(() => rm(folder, { recursive: true }))

const argumentsFor = (program: string) => [
  ...['--import', 'tsx', fileURLToPath(new URL(program, import.meta.url))],
  path,
]

test('a folder that is missing is said to be', async () => {
  await expect(fileStore(join(folder, 'none', 'deliveries.log'))).rejects.toThrow(/^ENOENT.+none'$/)
})

test('of the workers of a cluster one has it', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, argumentsFor('cluster-process.ts'))
  expect(stdout).toBe('FileInUseError\nhas it\n')
})

test('a process that is too busy to say that it has the file still has it', async () => {
  const holder = spawn(process.execPath, argumentsFor('store-process.ts'), { stdio: ['ignore', 'pipe', 'inherit'] })
  const asking: Socket[] = []
  try {
    await once(holder.stdout, 'data')
    holder.kill('SIGSTOP')
    for (let isFull = false; !isFull; ) {
      const socket = createConnection(`${path}.lock`)
      asking.push(socket)
      isFull = await new Promise<boolean>((done) => {
        socket.once('connect', () => done(false)).once('error', () => done(true))
      })
    }
    await expect(fileStore(path)).rejects.toThrow(FileInUseError)
  } finally {
    for (const socket of asking) socket.destroy()
    const ended = once(holder, 'exit')
    holder.kill('SIGKILL')
    await ended
  }
})
