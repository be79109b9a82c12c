import type { Delivery, DeliveryFilter, TractPlatform } from '@tract/client/platform'
import { Command, InvalidArgumentError, Option } from 'commander'
import { parseEvent, split } from '../events.js'
import { usage } from '../exit.js'
import { nameOf } from '../hook-lookup.js'
import type { Bind, Session } from '../session.js'

interface FilterOptions {
  user?: string
  event?: string
  state?: 'pending' | 'delivered' | 'undeliverable' | 'cancelled'
  since?: string
  until?: string
}

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
    const found: Delivery[] = []
    for await (const delivery of tract.deliveries.list({ ...filterOf(options), limit: Math.min(limit, 200) })) {
      found.push(delivery)
      if (found.length === limit) break
    }
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
      .argument('[ids...]', 'the deliveries, or latest; those that match the options if absent'),
  )
  bind<FilterOptions>(replay, async (session, ids, options) => {
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
    const replayed = await tract.deliveries.replay(ids.length > 0 ? { ids: named } : { filter })
    session.output.result(replayed, () => {
      session.output.line(
        `${replayed.replayed} sent again${replayed.more ? '; there are more: repeat the command' : ''}.`,
      )
      for (const id of replayed.ids) session.output.line(id)
    })
  })
  return command
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

function filtered(command: Command): Command {
  return command
    .option('--user <id>', 'only those of this user')
    .option('--event <event>', 'only those of this event')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices([
        'pending',
        'delivered',
        'undeliverable',
        'cancelled',
      ]),
    )
    .option('--since <time>', 'only those made since, as 2026-11-25T09:00:00Z, or 15m, 2h, 1d ago', moment)
    .option('--until <time>', 'only those made before', moment)
}

export function filterOf({ user, event, state, since, until }: FilterOptions): DeliveryFilter {
  return {
    ...(user !== undefined && { user_id: user }),
    ...(event !== undefined && split(parseEvent(event))),
    ...(state !== undefined && { state }),
    ...(since !== undefined && { created_from: since }),
    ...(until !== undefined && { created_to: until }),
  }
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function moment(text: string): string {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const time = unit === undefined ? Date.parse(text) : Date.now() - Number(number) * (UNITS[unit] as number)
  if (Number.isNaN(time)) throw new InvalidArgumentError('It has to be a time, or how long ago it was.')
  return new Date(time).toISOString()
}

export function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 10_000)
    throw new InvalidArgumentError('It has to be from 1 to 10000.')
  return value
}
