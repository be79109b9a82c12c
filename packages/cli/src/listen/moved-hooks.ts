import type { TractPlatform } from '@tract/client/platform'
import { split } from '../events.js'
import { nameOf } from '../hook-lookup.js'
import type { FormerHook, LocalState } from './local-state.js'

/** The URL of hooks whose listener fetches what they are sent. */
const STREAM_URL = 'tract:stream'

export interface Moved {
  /** Hooks that had another URL, to which they go back. */
  former: FormerHook[]
  /** Hooks that did not exist. They stay: what comes meanwhile waits for the next time. */
  created: string[]
}

/** Points hooks at the stream. Where they stood is written down before, so that a run that was killed is made up for by the next one. */
export async function moveHooks(
  tract: TractPlatform,
  state: LocalState,
  listener: string,
  events: readonly string[],
): Promise<Moved> {
  const { hooks } = await tract.hooks.list()
  const present = new Map((hooks ?? []).map((hook) => [nameOf(hook), hook]))
  const former = new Map((await state.formerHooks(listener)).map((hook) => [nameOf(hook), hook]))
  // whoever moved it since knew better
  for (const [name, { category, subcategory, url, status }] of present)
    if (url !== STREAM_URL) {
      if (events.includes(name)) former.set(name, { category, subcategory, url, isDisabled: status === 'disabled' })
      else former.delete(name)
    }
  await state.remember(listener, [...former.values()])
  for (const name of events) {
    const hook = present.get(name)
    if (hook?.url !== STREAM_URL || hook.status === 'disabled')
      await tract.hooks.register({ ...split(name), url: STREAM_URL })
  }
  return { former: [...former.values()], created: events.filter((name) => !present.has(name)) }
}

/** Points them back where they stood, but for those that were moved elsewhere meanwhile. */
export async function moveBack(tract: TractPlatform, state: LocalState, listener: string): Promise<FormerHook[]> {
  const former = await state.formerHooks(listener)
  if (former.length === 0) return []
  const { hooks } = await tract.hooks.list()
  const present = new Map((hooks ?? []).map((hook) => [nameOf(hook), hook]))
  const back = former.filter((hook) => present.get(nameOf(hook))?.url === STREAM_URL)
  for (const { category, subcategory, url, isDisabled } of back) {
    const { id } = await tract.hooks.register({ category, subcategory, url })
    if (isDisabled && id !== undefined) await tract.hooks.disable({ id })
  }
  await state.remember(listener, [])
  return back
}
