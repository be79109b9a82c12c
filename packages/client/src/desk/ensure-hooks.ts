/** Hooks that are registered at every start, and whose secrets survive it. */
import type { Hook } from '@tract/contract'
import { hookParts } from '../calls/hook-to-register.js'
import type { HookPayloads } from '../generated/hooks.js'
import type { VendorMethods } from '../generated/vendor-methods.js'
import { type PatientOptions, patiently } from './patiently.js'

type HookName = keyof HookPayloads

/** What is kept of a hook. */
export interface KeptSecret {
  /** The hook's id. */
  id: string
  /** The present `signing_secret`; absent until it is known. */
  secret?: string
  /** When that was made, as ISO 8601. */
  since?: string
  /** The one before, which verifies for a day after the change. */
  former?: string
  /** A change was begun, and its secret is not known: it is changed again. */
  changing?: true
}

/** By the hook's id. It can be written as JSON, and is secret. */
export type KeptSecrets = Record<string, KeptSecret>

/** Where secrets are kept. `save` is done when they cannot be lost any more; `fileSecrets` keeps them in a file. */
export interface SecretKeeper {
  load(): KeptSecrets | undefined | null | Promise<KeptSecrets | undefined | null>
  save(secrets: KeptSecrets): void | Promise<void>
}

export interface EnsureHooksOptions {
  /** Where the hooks are received: one address for all, or one for each. */
  url: string | ((name: HookName) => string)
  /** `category.subcategory`, such as `message.receive`: a list of them, or the handlers of the receiver. */
  hooks: readonly HookName[] | { readonly [Name in HookName]?: unknown }
  secrets: SecretKeeper
  /** Secrets that are older, in milliseconds, get a successor; never if absent. */
  rotateAfterMs?: number
  /** Ends the waiting for a service that is down. */
  signal?: AbortSignal
  /** Told of each call that failed and is made again. */
  onFailure?: PatientOptions['onFailure']
}

/** A client of any kind. */
export type HookClient = Pick<VendorMethods, 'hooks'>

/** As the contract has it: for so long a delivery is signed with the former secret as well. */
const FORMER_VERIFIES_MS = 24 * 3_600_000

/**
 * Sees to it that the hooks are registered at their address and enabled, and that their secrets are known: what is missing is registered, moved or
 * rotated, and what is as it should be is left alone, so that it can run at every start. A service that is down is waited for. Hooks that are not
 * named stay as they are. One process at a time.
 * @returns the secrets that verify, for `createHookReceiver({ secrets })`: each was saved before
 */
export async function ensureHooks(tract: HookClient, options: EnsureHooksOptions): Promise<string[]> {
  const run = new Run(tract, options, { ...(await options.secrets.load()) })
  return run.toEnd()
}

function namesOf(hooks: EnsureHooksOptions['hooks']): Set<HookName> {
  return new Set(Symbol.iterator in hooks ? hooks : (Object.keys(hooks) as HookName[]))
}

class Run {
  readonly #tract: HookClient
  readonly #options: EnsureHooksOptions
  readonly #kept: KeptSecrets
  readonly #patience: PatientOptions

  constructor(tract: HookClient, options: EnsureHooksOptions, kept: KeptSecrets) {
    this.#tract = tract
    this.#options = options
    this.#kept = kept
    const { signal, onFailure } = options
    this.#patience = { ...(signal && { signal }), ...(onFailure && { onFailure }) }
  }

  async toEnd(): Promise<string[]> {
    const { url, hooks } = this.#options
    const found = await this.#registered()
    for (const name of namesOf(hooks)) {
      const address = typeof url === 'function' ? url(name) : url
      const hook = found.get(name)
      const isRight = hook?.url === address && hook.status === 'active'
      await this.#know(isRight ? hook : await this.#register(name, address))
    }
    await this.#forgetOthers()
    return Object.values(this.#kept).flatMap(({ secret, former }) => [secret ?? [], former ?? []].flat())
  }

  async #registered(): Promise<Map<string, Hook>> {
    return patiently(async (call) => {
      const found = new Map<string, Hook>()
      for await (const hook of this.#tract.hooks.list(call)) found.set(`${hook.category}.${hook.subcategory}`, hook)
      return found
    }, this.#patience)
  }

  async #register(name: HookName, url: string): Promise<{ id: string }> {
    const wanted = { ...hookParts(name), url }
    const hook = await patiently((call) => this.#tract.hooks.register(wanted, call), this.#patience)
    if (hook.signing_secret !== undefined) await this.#keep(hook.id, hook.signing_secret)
    return hook
  }

  /** A secret is shown once. One that is not known, or too old, is rotated; that it begins is saved first, since its answer may be lost. */
  async #know({ id }: { id: string }): Promise<void> {
    const { secret, changing, since } = this.#kept[id] ?? { id }
    const age = Date.now() - Date.parse(since ?? '')
    const isOld = !(age <= (this.#options.rotateAfterMs ?? Number.POSITIVE_INFINITY)) && since !== undefined
    if (secret !== undefined && !changing && !isOld) return
    this.#kept[id] = { ...this.#kept[id], id, changing: true }
    await this.#save()
    const { signing_secret } = await patiently((call) => this.#tract.hooks.rotateSecret({ id }, call), this.#patience)
    if (signing_secret === undefined) throw new Error(`The answer to the rotation of hook ${id} has no secret.`)
    await this.#keep(id, signing_secret)
  }

  async #keep(id: string, secret: string): Promise<void> {
    const former = this.#kept[id]?.secret
    this.#kept[id] = { id, secret, since: new Date().toISOString(), ...(former !== undefined && { former }) }
    await this.#save()
  }

  /** Of hooks that are gone, and former ones that are over. */
  async #forgetOthers(): Promise<void> {
    const before = JSON.stringify(this.#kept)
    const ids = new Set([...(await this.#registered()).values()].map(({ id }) => id))
    for (const [id, { since = '', former: _, ...rest }] of Object.entries(this.#kept)) {
      if (!ids.has(id)) delete this.#kept[id]
      else if (Date.now() - Date.parse(since) > FORMER_VERIFIES_MS) this.#kept[id] = { ...rest, since }
    }
    if (JSON.stringify(this.#kept) !== before) await this.#save()
  }

  async #save(): Promise<void> {
    await this.#options.secrets.save(structuredClone(this.#kept))
  }
}
