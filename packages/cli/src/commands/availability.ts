import type { AvailabilitySet } from '@tract/client'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import type { Bind } from '../session.js'

interface Said {
  team?: string
  for: number
  capacity?: number
  waiting?: number
  wait?: number
  reopens?: string
}

const STATUSES: AvailabilitySet['status'][] = ['open', 'busy', 'closed']

export function availabilityCommand(bind: Bind): Command {
  const command = new Command('availability').description('Shows and says whether anybody is there at a desk.')

  const get = command
    .command('get')
    .description('Shows who is open, busy or closed.')
    .argument('[listener]', 'only this one')
    .option('--team <team>', 'in this team')
  bind<{ team?: string }>(get, async (session, [receiver], { team }) => {
    const { tract } = await session.connect()
    const asked = { ...(receiver !== undefined && { receiver }), ...(team !== undefined && { team }) }
    const list = (await tract.availability.get(asked)).availability
    session.output.result(list, () =>
      session.output.table(
        ['LISTENER', 'TEAM', 'STATUS', 'WAITING', 'REOPENS AT', 'SAID UNTIL'],
        list.map((one) => [one.receiver, one.team, one.status, shown(one.waiting), one.reopens_at, one.valid_until]),
      ),
    )
  })

  const set = command
    .command('set')
    .description('Says for this profile’s listener that it is open, busy or closed.')
    .addArgument(new Argument('<status>', 'what it is').choices(STATUSES))
    .addOption(
      new Option('--for <seconds>', 'for how long that stands').argParser(whole).default(300).makeOptionMandatory(),
    )
    .option('--team <team>', 'of this team; of the listener as a whole by default')
    .option('--capacity <count>', 'how many more conversations it could take', whole)
    .option('--waiting <count>', 'how many conversations wait', whole)
    .option('--wait <seconds>', 'how long the next one would wait', whole)
    .option('--reopens <time>', 'when it opens again, such as 2026-12-01T09:00:00Z')
  bind<Said>(set, async (session, [status], said) => {
    const { tract } = await session.connect()
    const now = await tract.availability.set({
      status: status as AvailabilitySet['status'],
      valid_for_seconds: said.for,
      ...(said.team !== undefined && { team: said.team }),
      ...(said.capacity !== undefined && { capacity: said.capacity }),
      ...(said.waiting !== undefined && { waiting: said.waiting }),
      ...(said.wait !== undefined && { estimated_wait_seconds: said.wait }),
      ...(said.reopens !== undefined && { reopens_at: said.reopens }),
    })
    session.output.result(now, () =>
      session.output.fields({
        listener: now.receiver,
        team: now.team,
        status: now.status,
        waiting: now.waiting,
        'reopens at': now.reopens_at,
        until: now.valid_until,
      }),
    )
  })
  return command
}

const shown = (count: number | undefined) => (count === undefined ? undefined : String(count))

function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It has to be a whole number.')
}
