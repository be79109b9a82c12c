import { setTimeout as sleep } from 'node:timers/promises'
import { AbortError, type Delivery } from '@tract/client/platform'
import { Command } from 'commander'
import { filterOf } from '../delivery-filter.js'
import { DeliveryWatch } from '../delivery-watch.js'
import { nameOf } from '../hook-lookup.js'
import { Outage } from '../outage.js'
import { plain } from '../output.js'
import type { Bind, Session } from '../session.js'

const PAUSE_MS = 1_000
const COLOURS = { pending: 'yellow', delivered: 'green', undeliverable: 'red', cancelled: 'dim' } as const

export function tailCommand(bind: Bind): Command {
  const command = new Command('tail')
    .description('Shows the listener’s deliveries as they come and end, until it is interrupted.')
    .option('--user <id>', 'only those of this user')
    .option('--event <event>', 'only those of this event')
  bind<{ user?: string; event?: string }>(command, async (session, _args, options) => {
    const { tract } = await session.connect()
    const { interrupted, output } = session
    const watch = new DeliveryWatch(tract, filterOf(options), interrupted)
    const outage = new Outage(
      (error) => output.note(`The connection is lost (${plain(error.message)}); what comes meanwhile is shown later.`),
      () => output.note('The connection is back.'),
    )
    try {
      await outage.through(() => watch.begin(), interrupted)
      output.note('Deliveries from now on; Ctrl+C ends it.')
      while (!interrupted.aborted) {
        const began = performance.now()
        try {
          for (const delivery of await watch.changes()) show(session, delivery)
          outage.over()
        } catch (error) {
          if (error instanceof AbortError) throw error
          await outage.wait(error, interrupted)
          continue
        }
        // where much is pending, the service is asked no more than half of the time
        const pause = Math.max(PAUSE_MS, performance.now() - began)
        await sleep(pause, undefined, { signal: interrupted }).catch(() => {})
      }
    } catch (error) {
      if (!interrupted.aborted || !(error instanceof AbortError)) throw error
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
