import { randomBytes } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { StartError } from './start-error.js'

/** The file of credentials that a start leaves: secrets are kept hashed, so that theirs stand nowhere else. */
export class CredentialsFile<Content extends object> {
  readonly #path: string
  #content: Partial<Content> | null

  private constructor(path: string, content: Partial<Content> | null) {
    this.#path = path
    this.#content = content
  }

  /** @throws {StartError} when something else stands there */
  static async open<Content extends object>(path: string): Promise<CredentialsFile<Content>> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    if (text === null) return new CredentialsFile<Content>(path, null)
    try {
      const content: unknown = JSON.parse(text)
      if (typeof content === 'object' && content !== null) return new CredentialsFile<Content>(path, content)
    } catch {
      // said below
    }
    throw new StartError(`${path} is not what a start has written. Bring it back, or move it away, and start again.`)
  }

  /** Null where there is none. */
  get content(): Partial<Content> | null {
    return this.#content
  }

  get path(): string {
    return this.#path
  }

  /** A reader finds one content or the other. */
  async write(content: Partial<Content>): Promise<void> {
    if (isDeepStrictEqual(content, this.#content)) return
    const temporary = `${this.#path}.${randomBytes(4).toString('hex')}`
    await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flush: true })
    await rename(temporary, this.#path)
    this.#content = content
  }
}
