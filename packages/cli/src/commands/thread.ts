import type { ThreadOutcome } from '@tract/client/platform'
import { Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../exit.js'
import { plain } from '../output.js'
import { type ContextOptions, contextOf, showContext, takesContext } from '../pass-context.js'
import type { Bind, Session } from '../session.js'

export function threadCommand(bind: Bind): Command {
  const command = new Command('thread').description('Shows and changes who is in control of a user’s thread.')

  const listeners = command
    .command('listeners')
    .description('Lists who may be in control, and who is.')
    .argument('<user>', 'the user’s id')
  bind(listeners, async (session, [user_id = '']) => {
    const { tract } = await session.connect()
    const list = (await tract.threads.listeners({ user_id })).listeners
    session.output.result(list, () => {
      session.output.table(
        ['LISTENER', 'KIND', 'NAME', 'IN CONTROL', 'DEFAULT', 'PRIMARY', 'AVAILABILITY'],
        list.map(({ id, kind, name, active, is_default, is_primary, availability }) => [
          ...[id, kind, name, yes(active), yes(is_default), yes(is_primary), availability?.status],
        ]),
      )
      for (const { id, context } of list) if (context) showContext(session.output, `What '${id}' was told:`, context)
    })
  })

  const pass = command
    .command('pass')
    .description('Passes control to another listener, with what it should know of the case.')
    .argument('<user>', 'the user’s id')
    .argument('<receiver>', 'the listener that gets control')
    .option('--wait', 'if it is closed, the user waits there; refused by default')
  bind<ContextOptions & { wait?: true }>(
    takesContext(pass),
    async (session, [user_id = '', receiver = ''], options) => {
      const { tract, requester } = await asking(session)
      const closed = options.wait && { when_closed: 'wait' as const }
      tell(session, await tract.threads.pass({ user_id, requester, receiver, ...contextOf(options), ...closed }))
    },
  )

  for (const [name, about] of [
    ['take', 'Takes control, as a primary listener may.'],
    ['request', 'Asks the listener in control for it.'],
  ] as const) {
    const change = command
      .command(name)
      .description(about)
      .argument('<user>', 'the user’s id')
      .option('--from <listener>', 'only if this one is in control')
    bind<ContextOptions & { from?: string }>(takesContext(change), async (session, [user_id = ''], options) => {
      const { tract, requester } = await asking(session)
      const receiver = options.from ?? requester
      tell(session, await tract.threads[name]({ user_id, requester, receiver, ...contextOf(options) }))
    })
  }
  offering(bind, command)
  return command
}

/** Control is offered, and the offer answered or withdrawn. */
function offering(bind: Bind, command: Command): void {
  const offer = command
    .command('offer')
    .description('Offers control to another listener: yours keeps it until one accepts.')
    .argument('<user>', 'the user’s id')
    .argument('<receiver>', 'the listener that is asked first')
    .option('--to <listeners>', 'who is asked after it, in this order, separated by commas')
    .option('--expires-in <seconds>', 'how long each of them has to answer', wholeNumber)
  bind<ContextOptions & { to?: string; expiresIn?: number }>(
    takesContext(offer),
    async (session, [user_id = '', receiver = ''], options) => {
      const { tract, requester } = await asking(session)
      const { to, expiresIn } = options
      const receivers = to?.split(',').map((listener) => listener.trim())
      const terms = { ...(receivers && { receivers }), ...(expiresIn !== undefined && { expires_in: expiresIn }) }
      tell(session, await tract.threads.offer({ user_id, requester, receiver, ...terms, ...contextOf(options) }))
    },
  )

  for (const [name, subtype, about] of [
    ['accept', 'accepted', 'Accepts control that is offered to your listener.'],
    ['decline', 'declined', 'Declines control that is offered to your listener, or that another one asks it for.'],
    ['withdraw', 'withdrawn', 'Withdraws the offer of your listener.'],
  ] as const) {
    const answer = command
      .command(name)
      .description(about)
      .argument('<user>', 'the user’s id')
      .option('--offer <number>', 'only if it is this offer', wholeNumber)
      .option('--reason <reason>', 'why, for the other listener')
    bind<{ offer?: number; reason?: string }>(answer, async (session, [user_id = ''], options) => {
      const { tract } = await session.connect()
      const { offer: offer_number, reason } = options
      const said = { ...(offer_number !== undefined && { offer_number }), ...(reason !== undefined && { reason }) }
      const metadata = Object.keys(said).length > 0 && { metadata: said }
      const answered = await tract.events.send({ user_id, type: 'thread_control', subtype, ...metadata })
      session.output.result(answered, () => session.output.line(plain(subtype)))
    })
  }
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It has to be a whole number above 0.')
}

const yes = (is: boolean | undefined) => (is ? 'yes' : '')

async function asking(session: Session) {
  const connection = await session.connect()
  return { tract: connection.tract, requester: await connection.listener() }
}

/** A refusal is an answer, and ends with 1. */
function tell(session: Session, outcome: ThreadOutcome): void {
  const { output } = session
  if (!outcome.success) session.exitCode = EXIT.failed
  output.result(outcome, () => {
    if (outcome.success)
      output.fields({
        owner: outcome.owner ?? 'nobody',
        epoch: outcome.epoch,
        status: outcome.status,
        asked: outcome.offer && [outcome.offer.to, ...(outcome.offer.next ?? [])].join(', then '),
        offer: outcome.offer?.offer_number,
        expires: outcome.expires_at,
      })
    else
      output.line(`${output.paint('red', 'refused')}: ${plain(outcome.reason.message)} (${plain(outcome.reason.code)})`)
  })
}
