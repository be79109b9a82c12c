import { AbortError, type StreamedAttempt } from '@tract/client/platform'
import { toPlainText } from '@tract/client/webhooks'
import { Command } from 'commander'
import { parseEvents, vendorEvents } from '../events.js'
import { usage } from '../exit.js'
import { failureOf } from '../failure.js'
import { nameOf } from '../hook-lookup.js'
import { type ForwardedAnswer, forward } from '../listen/forward.js'
import { HookStream, type Sent, StreamReplaced } from '../listen/hook-stream.js'
import { LocalState } from '../listen/local-state.js'
import { type Moved, moveAgain, moveHooks, summary } from '../listen/moved-hooks.js'
import { Outage } from '../outage.js'
import { type Output, plain } from '../output.js'
import type { Bind } from '../session.js'

interface ListenOptions {
  forwardTo?: string
  events?: string[]
  keep?: boolean
  printSecret?: boolean
}

export function listenCommand(bind: Bind): Command {
  const command = new Command('listen')
    .description('Fetches what the listener’s hooks are sent, and forwards it to a receiver on this machine.')
    .option('--forward-to <url>', 'your receiver, such as http://localhost:3000/hooks; its answers are TRACT’s')
    .option('--events <events...>', 'such as message.receive or thread_control.*; the hooks that there are, or all')
    .option('--keep', 'leave the hooks where they are when it ends')
    .option('--print-secret', 'write the secret of this machine, and end')
    .addHelpText(
      'after',
      `
While it runs, the hooks stand at tract:stream; those that had another URL go back to it when it ends, all together, or a minute
after it was killed: the service keeps where they stood. Nothing is lost when the connection is, or this machine sleeps: deliveries
wait, in their order, and are tried again. New hooks stay, so that what comes later waits for the next time. Where the service is
not there yet, it waits for it.

Each delivery carries the signature of its hook, and one by the secret of this machine, which is the same for every hook:
  TRACT_HOOK_SECRET=$(tract listen --print-secret) node receiver.js`,
    )
  bind<ListenOptions>(command, async (session, _args, { forwardTo, events: words, keep, printSecret }) => {
    const { output, profiles } = session
    const state = new LocalState(profiles.folder)
    const secret = await state.secret()
    if (printSecret) return output.line(secret)
    if (forwardTo === undefined) throw usage('Where to? Give --forward-to, such as http://localhost:3000/hooks.')
    if (!/^https?:\/\//.test(forwardTo) || !URL.canParse(forwardTo))
      throw usage(`${forwardTo} is no http or https URL.`)

    const { tract } = await session.connect()
    const { interrupted } = session
    let moved: Moved = { former: [], created: [] }
    const stream = new HookStream({
      tract,
      forward: (attempt) => forward(forwardTo, attempt, secret),
      onAnswered: (...answered) => show(output, ...answered),
      onLost: (error) => output.note(`The connection is lost (${reason(error)}); deliveries wait.`),
      onBack: () => output.note('The connection is back.'),
      onReturn: async () => {
        const again = await moveAgain(tract, moved)
        if (again.length > 0) output.note(`Moved here again: ${again.length} hooks, which had gone back.`)
      },
    })
    const start = new Outage(
      (error) => output.note(`The service is not there (${reason(error)}); trying on. Ctrl+C ends it.`),
      () => output.note('The service is there.'),
    )
    let failure: unknown
    try {
      const present = await start.through(session.hooks.bind(session), interrupted)
      const events = words ? parseEvents(words) : present.length > 0 ? present.map(nameOf) : vendorEvents
      // the stream has to be open before the hooks move to it
      await start.through(() => stream.open(interrupted), interrupted)
      moved = await start.through(() => moveHooks(tract, events), interrupted)
      output.note(
        `Listening for ${events.length === 1 ? events[0] : `${events.length} events`}, forwarding to ${forwardTo}; Ctrl+C ends it.`,
      )
      if (moved.former.length > 0) output.note(`Moved here meanwhile: ${summary(moved.former, 'from')}.`)
      await stream.run(interrupted)
    } catch (error) {
      if (!(interrupted.aborted && error instanceof AbortError)) failure = error
    }
    try {
      const back = failure instanceof StreamReplaced ? [] : await stream.end(keep ? 'keep' : 'give_back')
      if (back.length > 0)
        output.note(
          `Moved back: ${summary(
            back.map((hook) => ({ ...hook, name: nameOf(hook) })),
            'to',
          )}.`,
        )
    } catch (error) {
      if (!(error instanceof StreamReplaced))
        output.note('The hooks could not be moved back: the service does it in a minute, if nobody listens by then.')
      failure ??= error
    }
    if (failure !== undefined) throw failure
    if (!keep && moved.created.length > 0)
      output.note(`${moved.created.length} new hooks stay at tract:stream: what comes waits for the next time.`)
  })
  return command
}

const reason = (error: Error) => plain(failureOf(error)?.message ?? error.message)

interface Said {
  user_id?: string
  sender?: string
  message_body?: Parameters<typeof toPlainText>[0]
}

/** A line in a terminal. */
const MOST_SHOWN = 80
const shortened = (text: string) =>
  [...text].length > MOST_SHOWN ? `${[...text].slice(0, MOST_SHOWN).join('')}…` : text

function show(output: Output, attempt: StreamedAttempt, answer: ForwardedAnswer, took: number, sent: Sent): void {
  const { category, subcategory, headers, body } = attempt
  const { user_id, sender, message_body } = JSON.parse(body) as Said
  const sequence = headers['tract-sequence']
  const event = `${category}.${subcategory}`
  const place = `${user_id ?? '-'}${sequence === undefined ? '' : ` #${sequence}`}`
  const isFine = 'status' in answer && answer.status >= 200 && answer.status < 300
  const verdict = 'status' in answer ? String(answer.status) : answer.error
  const failure = sent instanceof Error ? (failureOf(sent) ?? { message: sent.message, code: undefined }) : undefined
  const fate = sent === 'late' ? ', too late' : failure ? `, not taken (${plain(failure.message)})` : ''
  const text = message_body === undefined ? undefined : toPlainText(message_body)
  const said = text === undefined ? '' : `  ${sender}: ${shortened(text)}`
  const id = headers['webhook-id'] ?? ''
  const time = new Date().toISOString().slice(11, 23)
  output.item(
    {
      ...{ event, delivery: id, user_id, attempt: Number(headers['tract-attempt']) },
      ...(sequence !== undefined && { sequence: Number(sequence) }),
      ...(text !== undefined && { sender, text }),
      ...{ ...answer, duration_ms: took, late: sent === 'late' },
      ...(failure && { not_taken: { message: failure.message, code: failure.code } }),
    },
    `${output.paint('dim', time)}  ${plain(event).padEnd(28)} ${plain(place)}  ${output.paint(isFine ? 'green' : 'red', verdict)}  ${took} ms${fate}${fate && ': it is tried again'}  ${output.paint('dim', plain(id))}${plain(said)}`,
  )
}
