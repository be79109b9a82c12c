import { setTimeout as sleep } from 'node:timers/promises'
import type { Delivery } from '@tract/client/platform'
import { Command } from 'commander'
import { nameOf } from '../hook-lookup.js'
import { plain } from '../output.js'
import type { Bind, Session } from '../session.js'
import { filterOf } from './deliveries.js'

const PAUSE_MS = 1_000
/** What is looked at each time: of more than that in a second, the newest are shown. */
const PAGE = 200
const COLOURS = { pending: 'yellow', delivered: 'green', undeliverable: 'red', cancelled: 'dim' } as const

export function tailCommand(bind: Bind): Command {
  const command = new Command('tail')
    .description('Shows the listener’s deliveries as they come and end, until it is interrupted.')
    .option('--user <id>', 'only those of this user')
    .option('--event <event>', 'only those of this event')
  bind<{ user?: string; event?: string }>(command, async (session, _args, options) => {
    const { tract } = await session.connect()
    const { interrupted } = session
    const since = new Date(Date.now() - PAUSE_MS).toISOString()
    const filter = { ...filterOf(options), created_from: since, limit: PAGE }
    const known = new Map<string, string>()
    if (!session.output.json) session.output.note('Deliveries from now on; Ctrl+C ends it.')
    while (!interrupted.aborted) {
      const { deliveries } = await tract.deliveries.list(filter)
      for (const delivery of deliveries.toReversed()) {
        const standing = `${delivery.state} ${delivery.attempts}`
        if (known.get(delivery.id) === standing) continue
        known.set(delivery.id, standing)
        show(session, delivery)
      }
      await sleep(PAUSE_MS, undefined, { signal: interrupted }).catch(() => {})
    }
  })
  return command
}

function show({ output }: Session, delivery: Delivery): void {
  const { state, attempts } = delivery
  const time = (delivery.ended_at ?? delivery.created_at).slice(11, 23)
  const tries = attempts > 1 || (state === 'pending' && attempts > 0) ? `, ${attempts} attempts` : ''
  const about = `${nameOf(delivery)}  ${delivery.user_id} #${delivery.sequence}`
  output.item(
    delivery,
    `${output.paint('dim', time)}  ${output.paint(COLOURS[state], state.padEnd(13))} ${plain(about)}${tries}`,
  )
}
