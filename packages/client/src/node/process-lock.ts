/**
 * One process for a file: it listens at a socket beside it. The system closes the socket with the process, however that ends, so no lock is left
 * behind; and it tells processes of several containers apart that share a folder, which their ids do not.
 */
import { createHash, randomUUID } from 'node:crypto'
import { access, rename, rm } from 'node:fs/promises'
import { createConnection, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** What the address of a socket may have on every system, in bytes: macOS has 104, with a zero at the end. */
const LONGEST_ADDRESS = 103
/** Enough to be the only one of its kind in the folder of temporary files. */
const NAME_LENGTH = 32

export class FileInUseError extends Error {
  override readonly name = 'FileInUseError'

  constructor(readonly path: string) {
    super(
      `${path} is in use, by another process or by another store of this one: one process has such a file, several need a store that they share.`,
    )
  }
}

/** @returns what releases the lock. Rejects with a `FileInUseError` where it is held. */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  // a socket says of a folder that is missing that it may not be written to
  await access(dirname(path))
  const address = addressOf(resolve(path))
  const server = (await listen(address)) ?? (await takeOver(address, path))
  return () => new Promise((done) => server.close(() => done()))
}

function addressOf(path: string): string {
  const name = createHash('sha256').update(path).digest('hex').slice(0, NAME_LENGTH)
  if (process.platform === 'win32') return `\\\\.\\pipe\\tract-${name}`
  const beside = `${path}.lock`
  return Buffer.byteLength(beside) <= LONGEST_ADDRESS ? beside : join(tmpdir(), `tract-${name}.lock`)
}

/** @returns undefined where the address is taken, be it by a process that has died */
function listen(address: string): Promise<Server | undefined> {
  return new Promise((done, fail) => {
    const server = createServer((connection) => connection.destroy())
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') done(undefined)
      else fail(error)
    })
    // The lock is no reason for a process to go on.
    // Workers of a cluster would share one socket.
    server.listen({ path: address, exclusive: true }, () => done(server.unref()))
  })
}

/** The socket of a process that has died is moved away before it is removed: it may be another's by then, which is put back. */
async function takeOver(address: string, path: string): Promise<Server> {
  if (await isAlive(address)) throw new FileInUseError(path)
  const moved = `${address}.${randomUUID().slice(0, 8)}`
  await rename(address, moved).catch(ignoreMissing)
  if (await isAlive(moved)) {
    await rename(moved, address)
    throw new FileInUseError(path)
  }
  await rm(moved, { force: true })
  const server = await listen(address)
  if (!server) throw new FileInUseError(path)
  return server
}

function isAlive(address: string): Promise<boolean> {
  return new Promise((done) => {
    const connection = createConnection(address)
    connection.once('connect', () => {
      connection.destroy()
      done(true)
    })
    // Of one that is too busy, or is another user's, the system says so.
    connection.once('error', ({ code }: NodeJS.ErrnoException) => done(code !== 'ECONNREFUSED' && code !== 'ENOENT'))
  })
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
