/** What is done to many deliveries: look first, a few at a time, and end it with Ctrl+C. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Delivery, DeliveryFilter, DeliveryReplay, TractPlatform } from '@tract/client/platform'
import type { Command } from 'commander'
import { count, type FilterOptions, filtered, filterOf } from '../delivery-filter.js'
import { type ExportOptions, takesFormat, takesOrganisation, writeOut } from '../export.js'
import type { Bind, Session } from '../session.js'

type Show = (session: Session, deliveries: readonly Delivery[]) => void

const MANY = [
  ['retry-many', 'retryMany', 'Tries the first pending deliveries of users that have failed now, all that match.'],
  ['skip-many', 'skipMany', 'Gives up the first pending deliveries of users that have failed, all that match.'],
] as const

export function manyCommands(bind: Bind, command: Command, show: Show): void {
  for (const [name, method, about] of MANY) {
    const change = filtered(command.command(name).description(about))
      .option('--limit <number>', 'how many at most', count, 100)
      .option('--dry-run', 'only show which')
    bind<FilterOptions & { limit: number; dryRun?: true }>(change, async (session, _args, given) => {
      const { limit, dryRun, ...options } = given
      const { tract } = await session.connect()
      const request = { ...filterOf(options), limit, ...(dryRun && { dry_run: true }) }
      const done = await tract.deliveries[method](request)
      session.output.result(done, () => {
        show(session, done.deliveries)
        const more = done.more ? '; there are more' : ''
        session.output.line(
          dryRun ? `${done.matched} are meant${more}.` : `Done to ${done.changed} of ${done.matched}${more}.`,
        )
      })
    })
  }

  const taken = takesFormat(
    takesOrganisation(
      filtered(
        command.command('export').description('Writes deliveries to standard output; for an operator’s client.'),
      ),
    ),
  ).option('--listener <listener>', 'only those to this listener')
  bind<FilterOptions & ExportOptions & { listener?: string }>(taken, async (session, _args, given) => {
    const { organisation, listener, format, ...options } = given
    const { tract } = await session.connect()
    const query = {
      ...{ organisation_id: organisation, ...filterOf(options) },
      ...(listener !== undefined && { listener_id: listener }),
      ...(format && { format }),
    }
    await writeOut(session, await tract.deliveries.export(query))
  })
}

/** A few a second, until all are sent again or it is interrupted: what was put back by then is sent. */
export async function replayGradually(
  session: Session,
  tract: TractPlatform,
  filter: DeliveryFilter,
  { rate, limit = Number.POSITIVE_INFINITY }: { rate: number; limit?: number | undefined },
): Promise<DeliveryReplay> {
  const { interrupted } = session
  const ids: string[] = []
  for (let after: string | undefined; ; ) {
    const step = { ...filter, limit: Math.min(rate, limit - ids.length, 1_000), ...(after !== undefined && { after }) }
    const replayed = await tract.deliveries.replay({ filter: step })
    ids.push(...replayed.ids)
    after = replayed.next
    const more = after !== undefined
    if (!more || ids.length >= limit || interrupted.aborted) return { replayed: ids.length, ids, ...(more && { more }) }
    session.output.note(`${ids.length} so far.`)
    await sleep(1_000, undefined, { signal: interrupted }).catch(() => {})
    if (interrupted.aborted) return { replayed: ids.length, ids, more }
  }
}
