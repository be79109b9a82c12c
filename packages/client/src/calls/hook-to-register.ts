import type { HookRegistration } from '@tract/contract'
import type { HookPayloads } from '../generated/hooks.js'

type Parts<Name> = Name extends `${infer Category}.${infer Subcategory}`
  ? { category: Category; subcategory: Subcategory }
  : never

/** A hook by its two names, which belong together. */
export type HookParts<Name extends keyof HookPayloads = keyof HookPayloads> = Parts<Name>

/** What `hooks.register` takes: hooks that the contract knows, so that a name that is misspelled does not compile. */
export type HookToRegister = Omit<HookRegistration, 'category' | 'subcategory'> & HookParts

/** `{ category: 'message', subcategory: 'receive' }` for `message.receive`. */
export function hookParts<Name extends keyof HookPayloads>(name: Name): HookParts<Name> {
  const [category, subcategory] = name.split('.')
  return { category, subcategory } as HookParts<Name>
}
