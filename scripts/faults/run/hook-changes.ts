import { setTimeout as sleep } from 'node:timers/promises'
import type { HookState } from '../history/history.js'
import type { HookChange } from '../plan/hook-changes.js'
import type { ListenerName } from '../plan/listeners.js'
import { inTime } from '../world/clock.js'
import type { HookLedger } from '../world/hook-ledger.js'
import { MESSAGES, made } from '../world/organisation.js'
import type { World } from './world.js'

const NAMES: Record<HookChange['kind'], string> = {
  move: 'moved',
  rotate: 'secret rotated',
  pause: 'disabled and enabled',
}

/** Changes the hooks for messages. Changes of one hook wait for one another. */
export async function runHookChanges(world: World, changes: readonly HookChange[]): Promise<void> {
  const turns = new Map<ListenerName, Promise<void>>()
  for await (const change of inTime(changes, world.clock)) {
    const done = (turns.get(change.listener) ?? Promise.resolve()).then(() => carryOut(world, change))
    // Its failure counts at the end, when all are awaited.
    done.catch(() => {})
    turns.set(change.listener, done)
  }
  await Promise.all(turns.values())
}

async function carryOut({ organisation, receivers, log, clock }: World, change: HookChange): Promise<void> {
  const { listener, kind } = change
  const ledger = organisation.ledgers[listener].get(MESSAGES) as HookLedger
  log.count(`hook: ${NAMES[kind]}`, ` (${listener})`)
  const call = async (path: string, body: object, becomes: Partial<HookState>) => {
    const from = clock()
    const answer = await made(organisation.callers[listener], `/tract/hooks/${path}/`, body)
    ledger.changed({ ...ledger.present, ...becomes, from, answeredAt: clock() })
    return answer
  }
  const { hookId: id, present } = ledger
  switch (kind) {
    case 'move': {
      const receiver = receivers[listener]
      const port = receiver.ports.find((other) => other !== present.port) as number
      const [category, subcategory] = MESSAGES.split('/')
      const url = receiver.url(port, MESSAGES)
      await call('register', { category, subcategory, url }, { port, status: 'active' })
      return
    }
    case 'rotate': {
      const version = present.version + 1
      ledger.learned(version, (await call('rotate_secret', { id }, { version })).signing_secret)
      return
    }
    case 'pause':
      await call('disable', { id }, { status: 'disabled' })
      await sleep(change.forMs)
      await call('enable', { id }, { status: 'active' })
  }
}
