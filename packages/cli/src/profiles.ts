import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { usage } from './exit.js'

/** How to get into a service, and as whom. */
export interface Profile {
  url: string
  client_id: string
  client_secret?: string
  /** A file with the private key, in place of a secret. */
  private_key?: string
  /** The listener that the client is bound to; absent for an operator's. */
  listener?: string
}

interface Stored {
  current?: string
  profiles: Record<string, Profile>
}

const NAME = /^[\w.-]{1,64}$/

/** The profiles of this user: a file that only this user can read, replaced as a whole. */
export class Profiles {
  readonly folder: string
  readonly #file: string

  /** @param warn told when the file could be read by others, and no longer can */
  constructor(
    folder: string,
    readonly warn: (text: string) => void = () => {},
  ) {
    this.folder = folder
    this.#file = join(folder, 'profiles.json')
  }

  async all(): Promise<Stored> {
    let text: string
    try {
      const { mode } = await stat(this.#file)
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
        await chmod(this.#file, 0o600)
        this.warn(
          `${this.#file} could be read by others; it no longer can. Rotate its secrets if that may have happened.`,
        )
      }
      text = await readFile(this.#file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { profiles: {} }
      throw error
    }
    let stored: unknown
    try {
      stored = JSON.parse(text)
    } catch {
      throw usage(`${this.#file} is not JSON.`, MEND)
    }
    if (!isStored(stored)) throw usage(`${this.#file} is not what \`tract login\` keeps.`, MEND)
    return stored
  }

  /** Keeps profiles, and makes one of them the current one. */
  async save(profiles: Readonly<Record<string, Profile>>, current: string): Promise<void> {
    for (const name of Object.keys(profiles))
      if (!NAME.test(name))
        throw usage(`'${name}' is no name for a profile: letters, digits, dots and dashes, 64 at most.`)
    const stored = await this.all()
    await this.#write({ current, profiles: { ...stored.profiles, ...profiles } })
  }

  async use(name: string): Promise<void> {
    const { profiles } = await this.all()
    this.#existing(profiles, name)
    await this.#write({ current: name, profiles })
  }

  async remove(name: string): Promise<void> {
    const { current, profiles } = await this.all()
    this.#existing(profiles, name)
    const { [name]: _, ...rest } = profiles
    await this.#write({ ...(current !== undefined && current !== name && { current }), profiles: rest })
  }

  /** @param name the current one if absent; undefined if there is none */
  async find(name?: string): Promise<{ name: string; profile: Profile } | undefined> {
    const { current, profiles } = await this.all()
    const wanted = name ?? current
    if (wanted === undefined) return undefined
    return { name: wanted, profile: this.#existing(profiles, wanted) }
  }

  #existing(profiles: Record<string, Profile>, name: string): Profile {
    const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
    if (profile) return profile
    const known = Object.keys(profiles).join(', ')
    throw usage(`There is no profile '${name}'.`, known ? `There are: ${known}.` : 'Make one with `tract login`.')
  }

  #write(stored: Stored): Promise<void> {
    return writePrivate(this.folder, 'profiles.json', stored)
  }
}

const MEND = 'Mend it, or remove it and log in again.'

function isStored(value: unknown): value is Stored {
  if (!isObject(value) || !isObject(value.profiles)) return false
  const isNamed = value.current === undefined || typeof value.current === 'string'
  return isNamed && Object.values(value.profiles).every(isProfile)
}

const isProfile = (value: unknown): value is Profile =>
  isObject(value) && typeof value.url === 'string' && typeof value.client_id === 'string'

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Writes a file that only this user can read, as a whole or not at all. */
export async function writePrivate(folder: string, name: string, value: unknown): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = join(folder, `.${name}.${randomBytes(4).toString('hex')}`)
  try {
    await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true })
    await rename(temporary, join(folder, name))
  } catch (error) {
    await rm(temporary, { force: true }) // there are secrets in it
    throw error
  }
}
