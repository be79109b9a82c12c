import type { ThreadSummary, TractPlatform } from '@tract/client/platform'
import { Command, Option } from 'commander'
import { count, moment } from '../delivery-filter.js'
import { type ExportOptions, takesFormat, takesOrganisation, writeOut } from '../export.js'
import { firstOf } from '../first-of.js'
import type { Bind } from '../session.js'

interface FilterOptions {
  organisation: string
  search?: string
  name?: string
  user?: string
  owner?: string
  state?: ThreadSummary['state']
  order: 'user_id' | 'last_activity'
}

/** For operators: the threads of an organisation. */
export function threadsCommand(bind: Bind): Command {
  const command = new Command('threads').description(
    'Finds the threads of an organisation, and takes them or a transcript out as a file; for an operator’s client.',
  )

  const list = filtered(command.command('list').description('Lists threads, the latest activity first.')).option(
    '--limit <number>',
    'how many at most',
    count,
    20,
  )
  bind<FilterOptions & { limit: number }>(list, async (session, _args, { limit, ...options }) => {
    const { tract } = await session.connect()
    const found = await firstOf(tract.threads.list({ ...queryOf(options), limit: Math.min(limit, 200) }), limit)
    session.output.result(found, () => {
      if (found.length === 0) session.output.note('There are no such threads.')
      session.output.table(
        ['USER', 'NAME', 'STATE', 'OWNER', 'LAST ACTIVITY', 'PENDING', 'FOUND'],
        found.map((one) => [
          ...[one.user_id, one.user_name, one.state, one.owner ?? undefined, one.last_activity_at],
          ...[String(one.pending_deliveries), one.found?.text.slice(0, 60)],
        ]),
      )
    })
  })

  const all = takesFormat(filtered(command.command('export').description('Writes threads to standard output.')))
  bind<FilterOptions & ExportOptions>(all, async (session, _args, { format, ...options }) => {
    const { tract } = await session.connect()
    await writeOut(session, await tract.threads.export({ ...queryOf(options), ...(format && { format }) }))
  })

  const transcript = takesFormat(
    takesOrganisation(command.command('transcript').description('Writes a user’s messages to standard output.')),
  )
    .argument('<user>', 'the user’s id')
    .option('--conversation <number>', 'only of this conversation')
    .option('--since <time>', 'only those since, as 2026-11-25T09:00:00Z, or 15m, 2h, 1d ago', moment)
    .option('--until <time>', 'only those before', moment)
  bind<ExportOptions & { conversation?: string; since?: string; until?: string }>(
    transcript,
    async (session, [user_id = ''], { organisation, format, conversation, since, until }) => {
      const { tract } = await session.connect()
      const query = {
        ...{ organisation_id: organisation, user_id },
        ...(format && { format }),
        ...(conversation !== undefined && { conversation_number: conversation }),
        ...(since !== undefined && { from: since }),
        ...(until !== undefined && { to: until }),
      }
      await writeOut(session, await tract.messages.export(query))
    },
  )
  return command
}

type ThreadsQuery = Parameters<TractPlatform['threads']['list']>[0]

const filtered = (command: Command): Command =>
  takesOrganisation(command)
    .option('--search <words>', 'only those with a message that has all of these words')
    .option('--name <text>', 'only those whose user’s name begins so')
    .option('--user <text>', 'only those whose user’s id begins so')
    .option('--owner <listener>', 'only those that this listener is in control of')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices([
        'bot',
        'incomplete',
        'waiting',
        'pinned',
        'complete',
      ]),
    )
    .addOption(
      new Option('--order <order>', 'in which order').choices(['last_activity', 'user_id']).default('last_activity'),
    )

function queryOf({ organisation, search, name, user, owner, state, order }: FilterOptions): ThreadsQuery {
  return {
    organisation_id: organisation,
    order,
    ...(search !== undefined && { text: search }),
    ...(name !== undefined && { user_name_prefix: name }),
    ...(user !== undefined && { user_id_prefix: user }),
    ...(owner !== undefined && { controller: owner }),
    ...(state !== undefined && { state }),
  }
}
