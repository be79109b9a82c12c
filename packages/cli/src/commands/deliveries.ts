import type { Delivery, DeliveryWait, TractPlatform } from '@tract/client/platform'
import { Command } from 'commander'
import { count, type FilterOptions, filtered, filterOf } from '../delivery-filter.js'
import { usage } from '../exit.js'
import { firstOf } from '../first-of.js'
import { nameOf } from '../hook-lookup.js'
import type { Bind, Session } from '../session.js'
import { manyCommands, replayGradually } from './many-deliveries.js'

const LATEST = 'latest'
const ONE = 'the delivery; latest for the newest'

export function deliveriesCommand(bind: Bind): Command {
  const command = new Command('deliveries').description(
    'Shows what was sent to the listener’s hooks, and sends it again.',
  )

  const list = filtered(command.command('list').description('Lists deliveries, the newest first.')).option(
    '--limit <number>',
    'how many at most',
    count,
    20,
  )
  bind<FilterOptions & { limit: number }>(list, async (session, _args, { limit, ...options }) => {
    const { tract } = await session.connect()
    const found = await firstOf(tract.deliveries.list({ ...filterOf(options), limit: Math.min(limit, 200) }), limit)
    session.output.result(found, () => showDeliveries(session, found))
  })

  const get = command.command('get').description('Shows a delivery and its attempts.').argument('<id>', ONE)
  bind(get, async (session, [id = '']) => {
    const { tract } = await session.connect()
    const { output } = session
    const found = await tract.deliveries.get({ id: await idOf(tract, id) })
    const { delivery, attempts } = found
    output.result(found, () => {
      output.fields({
        id: delivery.id,
        event: nameOf(delivery),
        user: delivery.user_id,
        sequence: delivery.sequence,
        state: delivery.state,
        created: delivery.created_at,
        ended: delivery.ended_at,
        'replay of': delivery.replay_of,
        'waits for': found.waits_for && waitOf(found.waits_for),
        'sent to': found.request?.url,
        body: found.request?.body,
      })
      if (attempts.length === 0) return
      output.line()
      output.table(
        ['ATTEMPT', 'AT', 'TOOK', 'STATUS', 'ERROR', 'ANSWER'],
        attempts.map((one) => [
          ...[String(one.number), one.started_at, `${one.duration_ms} ms`],
          ...[one.status === undefined ? undefined : String(one.status), one.error, one.answer?.slice(0, 60)],
        ]),
      )
    })
  })

  for (const [name, about] of [
    ['retry', 'Tries the first pending delivery of a user now.'],
    ['skip', 'Gives up the first pending delivery of a user, so that the next one goes.'],
  ] as const) {
    const change = command.command(name).description(about).argument('<id>', ONE)
    bind(change, async (session, [id = '']) => {
      const { tract } = await session.connect()
      const delivery = await tract.deliveries[name]({ id: await idOf(tract, id) })
      session.output.result(delivery, () => showDeliveries(session, [delivery]))
    })
  }

  const replay = filtered(
    command
      .command('replay')
      .description('Sends deliveries again, after what is pending for their users.')
      .argument('[ids...]', 'the deliveries, or latest; those that failed and match the options if absent'),
  )
    .option('--limit <number>', 'how many at most', count)
    .option('--rate <number>', 'deliveries a second, until all are sent again; Ctrl+C ends it', count)
    .option('--dry-run', 'only show what would be sent')
  bind<FilterOptions & ReplayOptions>(replay, async (session, ids, { limit, rate, dryRun, ...options }) => {
    const filter = filterOf(options)
    if (ids.length === 0 && Object.keys(filter).length === 0)
      throw usage(
        'Name the deliveries, or say by an option which are meant.',
        'Such as: tract deliveries replay --state undeliverable',
      )
    if (ids.length > 0 && Object.keys(filter).length > 0)
      throw usage('Name the deliveries, or say by options which are meant; not both.')
    const { tract } = await session.connect()
    const named = await Promise.all(ids.map((id) => idOf(tract, id)))
    const request = ids.length > 0 ? { ids: named } : { filter: { ...filter, ...(limit !== undefined && { limit }) } }
    if (dryRun) {
      const preview = await tract.deliveries.previewReplay(request)
      session.output.result(preview, () => {
        const meant = preview.deliveries.map(({ delivery }) => delivery)
        showDeliveries(session, meant)
        session.output.line(`${preview.matched} would be sent again${preview.more ? '; there are more' : ''}.`)
      })
      return
    }
    const replayed =
      rate === undefined || ids.length > 0
        ? await tract.deliveries.replay(request)
        : await replayGradually(session, tract, filter, { rate, limit })
    session.output.result(replayed, () => {
      session.output.line(
        `${replayed.replayed} sent again${replayed.more ? '; there are more: --rate sends all, bit by bit' : ''}.`,
      )
      for (const id of replayed.ids) session.output.line(id)
    })
  })
  manyCommands(bind, command, showDeliveries)
  return command
}

interface ReplayOptions {
  limit?: number
  rate?: number
  dryRun?: true
}

function waitOf({ reason, until, ahead, head_id, origin }: DeliveryWait): string {
  const turn = ahead > 0 ? `its turn behind ${ahead} (${head_id ?? 'one'}), which waits for: ` : ''
  return `${turn}${reason.replaceAll('_', ' ')}${origin ? ` of ${origin}` : ''}${until ? ` until ${until}` : ''}`
}

/** @throws if there is none yet */
async function idOf(tract: TractPlatform, word: string): Promise<string> {
  if (word !== LATEST) return word
  const [newest] = (await tract.deliveries.list({ limit: 1 })).deliveries
  if (newest) return newest.id
  throw usage('There is no delivery yet.', 'What the listener’s hooks are sent is one: `tract hooks list` shows them.')
}

function showDeliveries({ output }: Session, deliveries: readonly Delivery[]): void {
  if (deliveries.length === 0) output.note('There are no such deliveries.')
  output.table(
    ['CREATED', 'EVENT', 'USER', 'SEQUENCE', 'STATE', 'ATTEMPTS', 'ID'],
    deliveries.map((one) => [
      ...[one.created_at, nameOf(one), one.user_id, String(one.sequence), one.state, String(one.attempts), one.id],
    ]),
  )
}
