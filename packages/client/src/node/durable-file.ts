/** Files that are whole after a crash: either as before a write, or as after it. */
import { open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Secrets, or ids of deliveries: not for others on the machine. */
export const OWNER_ONLY = 0o600

/** Undefined if there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
    return undefined
  })
}

/** Writes a file beside the one that is there, and puts it in its place once it is on the disk. */
export async function replaceFile(path: string, contents: string): Promise<void> {
  const next = `${path}.next`
  const file = await open(next, 'w', OWNER_ONLY)
  try {
    await file.writeFile(contents)
    await file.sync()
  } catch (error) {
    // On a disk that is full, what is there of it would only be in the way.
    await rm(next, { force: true })
    throw error
  } finally {
    await file.close()
  }
  await rename(next, path)
  await syncFolder(path)
}

/** With what a crash left of a write. */
export async function removeFile(path: string): Promise<void> {
  for (const name of [path, `${path}.next`]) await rm(name, { force: true })
  await syncFolder(path)
}

/** A name is on the disk once its folder is. Windows has no such thing, and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(dirname(path))
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
