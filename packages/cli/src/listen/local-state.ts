import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
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
    try {
      return JSON.parse(await readFile(join(this.#folder, FILE), 'utf8')) as State
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
      throw error
    }
  }
}
