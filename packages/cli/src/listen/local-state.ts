import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { usage } from '../exit.js'
import { writePrivate } from '../profiles.js'
import { newSigningSecret } from '../signing-secret.js'

interface State {
  secret?: string
}

const FILE = 'listen.json'

/** A signing secret. */
export const SECRET = /^whsec_[A-Za-z0-9+/]+={0,2}$/

/** What `listen` keeps on this machine. Where hooks stood before is kept by the service, with the hooks. */
export class LocalState {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The secret that deliveries are signed with on this machine, beside the hook's own: one for all hooks, the same every time. */
  async secret(): Promise<string> {
    const state = await this.#read()
    if (state.secret !== undefined) return state.secret
    const secret = newSigningSecret()
    await writePrivate(this.#folder, FILE, { ...state, secret })
    return secret
  }

  async #read(): Promise<State> {
    const file = join(this.#folder, FILE)
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
      throw error
    }
    let state: unknown
    try {
      state = JSON.parse(text)
    } catch {
      throw usage(`${file} is not JSON.`, MEND)
    }
    if (!isState(state)) throw usage(`${file} is not what \`tract listen\` keeps.`, MEND)
    return state
  }
}

const MEND = 'Mend it, or remove it: there is a new secret then.'

function isState(value: unknown): value is State {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const { secret } = value as Record<string, unknown>
  return secret === undefined || (typeof secret === 'string' && SECRET.test(secret))
}
