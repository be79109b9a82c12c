/**
 * Hooks are moved to the stream while a `tract listen` runs. Where they stood is kept by the service, in the step that moves each of them;
 * they go back all together when the stream ends, or a minute after its reader was gone, so that no run has to make up for another.
 */
import type { Hook, TractPlatform } from '@tract/client/platform'
import { split } from '../events.js'
import { nameOf } from '../hook-lookup.js'
import { plain } from '../output.js'

/** The URL of hooks whose listener fetches what they are sent. */
const STREAM_URL = 'tract:stream'

export interface Moved {
  /** Hooks that go back to a URL: their own names, and that. */
  former: { name: string; url: string }[]
  /** Hooks that did not exist. They stay: what comes waits for the next time. */
  created: string[]
}

/** To be called once the stream is open: from then on no other run gives them back. */
export async function moveHooks(tract: TractPlatform, events: readonly string[]): Promise<Moved> {
  const before = new Set((await hooksOf(tract)).map(nameOf))
  // also those that stand there already: a run that is ending may be about to give them back
  for (const name of events) await tract.hooks.register({ ...split(name), url: STREAM_URL })
  const former = (await hooksOf(tract)).flatMap((hook) =>
    hook.former_url === undefined ? [] : [{ name: nameOf(hook), url: hook.former_url }],
  )
  return { former, created: events.filter((name) => !before.has(name)) }
}

/** Moves the hooks that the service gave back while no call fetched them; a hook that is elsewhere was moved by a person. @returns their names */
export async function moveAgain(tract: TractPlatform, { former }: Moved): Promise<string[]> {
  const given = (await hooksOf(tract)).filter(({ url, ...hook }) =>
    former.some((one) => one.name === nameOf(hook) && one.url === url),
  )
  for (const hook of given) await tract.hooks.register({ ...split(nameOf(hook)), url: STREAM_URL })
  return given.map(nameOf)
}

const MOST_PLACES = 3

/** How many hooks, and from or to where: a line, however many there are. */
export function summary(hooks: readonly { name: string; url: string }[], way: 'from' | 'to'): string {
  const byOrigin = new Map<string, { name: string; url: string }[]>()
  for (const hook of hooks) {
    const { origin } = new URL(hook.url)
    byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), hook])
  }
  const places = [...byOrigin].sort(([, a], [, b]) => b.length - a.length)
  const parts = places.slice(0, MOST_PLACES).map(([origin, those]) => {
    const [{ name, url } = { name: '', url: '' }] = those
    const place = those.every((one) => one.url === url) ? url : origin
    return plain(`${those.length === 1 ? name : `${those.length} hooks`} ${way} ${place}`)
  })
  const others = places.slice(MOST_PLACES).reduce((sum, [, those]) => sum + those.length, 0)
  return [...parts, ...(others > 0 ? [`${others} more ${way} other places`] : [])].join(', ')
}

const hooksOf = async (tract: TractPlatform): Promise<Hook[]> => (await tract.hooks.list()).hooks ?? []
