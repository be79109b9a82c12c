import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { usage } from '../exit.js'
import { writePrivate } from '../profiles.js'

/** Where a hook stood before it was moved to the stream. */
export interface FormerHook {
  category: string
  subcategory: string
  url: string
  isDisabled: boolean
}

interface State {
  secret?: string
  /** By service and listener: what is to be moved back. */
  moved?: Record<string, FormerHook[]>
}

const FILE = 'listen.json'

/** A signing secret. */
export const SECRET = /^whsec_[A-Za-z0-9+/]+={0,2}$/

/** What `listen` has to know again after it was killed. */
export class LocalState {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The secret that deliveries are signed with on this machine, beside the hook's own: one for all hooks, the same every time. */
  async secret(): Promise<string> {
    const state = await this.#read()
    if (state.secret !== undefined) return state.secret
    const secret = `whsec_${randomBytes(32).toString('base64')}`
    await writePrivate(this.#folder, FILE, { ...state, secret })
    return secret
  }

  async formerHooks(listener: string): Promise<FormerHook[]> {
    return (await this.#read()).moved?.[listener] ?? []
  }

  async remember(listener: string, hooks: readonly FormerHook[]): Promise<void> {
    const { moved = {}, ...state } = await this.#read()
    const { [listener]: _, ...others } = moved
    await writePrivate(this.#folder, FILE, {
      ...state,
      moved: hooks.length > 0 ? { ...others, [listener]: hooks } : others,
    })
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

const MEND =
  'Mend it, or remove it: there is a new secret then, and hooks that a killed run has left at tract:stream stay there.'

function isState(value: unknown): value is State {
  if (!isObject(value)) return false
  const { secret, moved = {} } = value
  if (secret !== undefined && !(typeof secret === 'string' && SECRET.test(secret))) return false
  return isObject(moved) && Object.values(moved).every((hooks) => Array.isArray(hooks) && hooks.every(isFormerHook))
}

const isFormerHook = (hook: unknown) =>
  isObject(hook) && ['category', 'subcategory', 'url'].every((name) => typeof hook[name] === 'string')

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
