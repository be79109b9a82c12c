import type { StreamedAttempt } from '@tract/client/platform'
import { Command } from 'commander'
import { parseEvents, vendorEvents } from '../events.js'
import { usage } from '../exit.js'
import { failureOf } from '../failure.js'
import { nameOf } from '../hook-lookup.js'
import { type ForwardedAnswer, forward } from '../listen/forward.js'
import { HookStream, type Sent, StreamReplaced } from '../listen/hook-stream.js'
import { type FormerHook, LocalState } from '../listen/local-state.js'
import { moveBack, moveHooks } from '../listen/moved-hooks.js'
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
While it runs, the hooks stand at tract:stream; those that had another URL go back to it when it ends. Nothing is lost when the
connection is, or this machine sleeps: deliveries wait, in their order, and are tried again. New hooks stay, so that what comes
later waits for the next time.

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

    const connection = await session.connect()
    const { tract } = connection
    const { organisation } = await connection.identity()
    const listener = `${connection.url} ${organisation}/${await connection.listener()}`
    const present = (await session.hooks()).map(nameOf)
    const events = words ? parseEvents(words) : present.length > 0 ? present : vendorEvents
    const stream = new HookStream({
      tract,
      forward: (attempt) => forward(forwardTo, attempt, secret),
      onAnswered: (...answered) => show(output, ...answered),
      onLost: (error) => output.note(`The connection is lost (${plain(error.message)}); deliveries wait.`),
      onBack: () => output.note('The connection is back.'),
    })
    const { interrupted } = session
    // somebody has to be there before the hooks are
    await stream.open(interrupted)
    let created: string[] = []
    let failure: unknown
    try {
      const moved = await moveHooks(tract, state, listener, events)
      created = moved.created
      output.note(
        `Listening for ${events.length === 1 ? events[0] : `${events.length} events`}, forwarding to ${forwardTo}; Ctrl+C ends it.`,
      )
      if (moved.former.length > 0) output.note(`Moved here meanwhile: ${places(moved.former, 'from')}.`)
      await stream.run(interrupted)
    } catch (error) {
      failure = error
    }
    if (!keep && !(failure instanceof StreamReplaced)) {
      try {
        const back = await moveBack(tract, state, listener)
        if (back.length > 0) output.note(`Moved back: ${places(back, 'to')}.`)
      } catch (error) {
        output.note('The hooks could not be moved back: the next run does it when it ends.')
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    if (!keep && created.length > 0)
      output.note(`${created.length} new hooks stay at tract:stream: what comes waits for the next time.`)
  })
  return command
}

const places = (hooks: readonly FormerHook[], way: 'from' | 'to') =>
  hooks.map((hook) => plain(`${nameOf(hook)} ${way} ${hook.url}`)).join(', ')

function show(output: Output, attempt: StreamedAttempt, answer: ForwardedAnswer, took: number, sent: Sent): void {
  const { category, subcategory, headers, body } = attempt
  const { user_id } = JSON.parse(body) as { user_id?: string }
  const sequence = headers['tract-sequence']
  const event = `${category}.${subcategory}`
  const place = `${user_id ?? '-'}${sequence === undefined ? '' : ` #${sequence}`}`
  const isFine = 'status' in answer && answer.status >= 200 && answer.status < 300
  const verdict = 'status' in answer ? String(answer.status) : answer.error
  const failure = sent instanceof Error ? (failureOf(sent) ?? { message: sent.message, code: undefined }) : undefined
  const fate = sent === 'late' ? ', too late' : failure ? `, not taken (${plain(failure.message)})` : ''
  const time = new Date().toISOString().slice(11, 23)
  output.item(
    {
      ...{ event, delivery: headers['webhook-id'], user_id, attempt: Number(headers['tract-attempt']) },
      ...(sequence !== undefined && { sequence: Number(sequence) }),
      ...{ ...answer, duration_ms: took, late: sent === 'late' },
      ...(failure && { not_taken: { message: failure.message, code: failure.code } }),
    },
    `${output.paint('dim', time)}  ${plain(event).padEnd(28)} ${plain(place)}  ${output.paint(isFine ? 'green' : 'red', verdict)}  ${took} ms${fate}${fate && ': it is tried again'}`,
  )
}
