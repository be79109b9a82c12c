import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { StartError } from './start-error.js'

/** The file of credentials that a start leaves: secrets are kept hashed, so that theirs stand nowhere else. */
export interface CredentialsFile<Content extends object> {
  path: string
  /** Null where there was none. */
  content: Partial<Content> | null
  /** A reader finds one content or the other. */
  write(content: Partial<Content>): Promise<void>
}

/** @throws {StartError} when something else stands there */
export async function openCredentialsFile<Content extends object>(path: string): Promise<CredentialsFile<Content>> {
  const before = await read(path)
  let content = before as Partial<Content> | null
  return {
    path,
    content,
    async write(given) {
      if (isDeepStrictEqual(given, content)) return
      const temporary = `${path}.${randomBytes(4).toString('hex')}`
      await writeFile(temporary, `${JSON.stringify(given, null, 2)}\n`, { mode: 0o600, flush: true })
      await rename(temporary, path)
      content = given
    },
  }
}

async function read(path: string): Promise<object | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  try {
    const content: unknown = JSON.parse(text)
    if (typeof content === 'object' && content !== null) return content
  } catch {
    // said below
  }
  throw new StartError(`${path} is not what a start has written. Bring it back, or move it away, and start again.`)
}
