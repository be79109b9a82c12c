import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

const FILE = 'secret.key'

/** @param text 32 bytes as base64 or base64url, the value of `TRACT_SECRET_KEY`. */
export function parseSecretKey(text: string, from = 'TRACT_SECRET_KEY'): Buffer {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length !== 32 || !/^[\w+/-]{43}=?$/.test(text.trim())) {
    throw new Error(`${from} must be 32 bytes in base64, such as \`openssl rand -base64 32\` prints.`)
  }
  return key
}

/**
 * Reads `<data directory>/secret.key`, or makes it (mode 0600) at the first start. Processes that start together end up
 * with one key.
 */
export async function loadOrCreateSecretKey(dataDirectory: string): Promise<Buffer> {
  const path = join(dataDirectory, FILE)
  const found = await read(path)
  if (found) return found

  await mkdir(dataDirectory, { recursive: true })
  const draft = join(dataDirectory, `.${FILE}.${process.pid}.${randomBytes(6).toString('hex')}`)
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(`${randomBytes(32).toString('base64')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    // A link fails where the name exists, so the first of several processes wins; a rename would not. No reader sees
    // half a key.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(draft, { force: true })
  }
  await syncDirectory(dataDirectory)

  const key = await read(path)
  if (!key) throw new Error(`${path} vanished while it was created.`)
  return key
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    return parseSecretKey(await readFile(path, 'utf8'), path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * What is sealed is lost without the key, so its name must survive a power cut as well. Windows can't sync a directory.
 */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
