import type { HookRegistration } from '@tract/contract'
import { call } from '../../../api/call.js'
import { messageOf } from '../../../api/call-error.js'
import { type HookName, nameOf } from './hook-sets.js'

export interface Registered {
  /** Names of those that stand where they are wanted. */
  done: readonly string[]
  failed: readonly { hook: HookName; reason: string }[]
}

interface Terms {
  url: string
  /** The secret of those that are new; it is known before a call is made, so no answer that is lost takes it along. */
  secretOf: (name: string) => string | undefined
  actFor: string
}

/**
 * Registers hooks one after another. One that fails holds up none of the others, unless it is the first: then nothing was done.
 * @param before what was done before, of the same hooks
 * @throws why the first one failed, where none was done
 */
export async function registerHooks(
  hooks: readonly HookName[],
  { url, secretOf, actFor }: Terms,
  before: readonly string[] = [],
): Promise<Registered> {
  const done = [...before]
  const failed: { hook: HookName; reason: string }[] = []
  for (const hook of hooks) {
    const name = nameOf(hook)
    const signing_secret = secretOf(name)
    const body = { ...hook, url, ...(signing_secret !== undefined && { signing_secret }) } as HookRegistration
    try {
      await call('registerHook', { body }, { actFor })
      done.push(name)
    } catch (error) {
      if (done.length === 0) throw error
      failed.push({ hook, reason: messageOf(error) })
    }
  }
  return { done, failed }
}
