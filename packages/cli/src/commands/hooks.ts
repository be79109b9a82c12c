import { text } from 'node:stream/consumers'
import type { Hook, RegisteredHook } from '@tract/client/platform'
import { Command } from 'commander'
import { parseEvents, split } from '../events.js'
import { EXIT } from '../exit.js'
import { nameOf } from '../hook-lookup.js'
import { inTurn } from '../in-turn.js'
import type { Bind, Session } from '../session.js'
import { newSigningSecret } from '../signing-secret.js'

export function hooksCommand(bind: Bind): Command {
  const command = new Command('hooks').description('Registers and looks after hooks.')

  const list = command.command('list').description('Lists the hooks of the listener.')
  bind(list, async (session) => {
    const hooks = await session.hooks()
    session.output.result(hooks, () => showHooks(session, hooks))
  })

  const register = command
    .command('register')
    .description('Registers hooks at a URL, or moves them there.')
    .argument('<events...>', 'such as message.receive, thread_control.* or all')
    .requiredOption('--to <url>', 'where they are sent; tract:stream for `tract listen` to fetch them')
    .option('--secret-stdin', 'read the signing secret of all of them from standard input; a new one by default')
    .addHelpText(
      'after',
      `
Hooks that are new share one signing secret, which is shown this once: keep it. Those that are there keep theirs, unless one is given.`,
    )
  bind<Registering>(register, registerHooks)

  const changes = [
    ['unregister', 'Removes hooks; what waits for them is cancelled.', 'unregister'],
    ['enable', 'Enables hooks; what waited goes out at once, in order.', 'enable'],
  ] as const
  for (const [name, about, method] of changes) {
    const change = command
      .command(name)
      .description(about)
      .argument('<hooks...>', 'ids, or events such as message.receive')
    bind(change, async (session, words) => {
      const { tract } = await session.connect()
      await each(session, words, async ({ id }) => ({ id, ...(await tract.hooks[method]({ id })) }))
    })
  }

  const disable = command
    .command('disable')
    .description('Pauses hooks; their deliveries wait, in order, for 7 days at most.')
    .argument('<hooks...>', 'ids, or events such as message.receive')
    .option('--reason <text>', 'why, for those who look at the list')
  bind<{ reason?: string }>(disable, async (session, words, { reason }) => {
    const { tract } = await session.connect()
    await each(session, words, ({ id }) => tract.hooks.disable({ id, ...(reason !== undefined && { reason }) }))
  })

  const rotate = command
    .command('rotate-secret')
    .description('Gives a hook a new signing secret, which is shown this once; the one before holds for 24 hours more.')
    .argument('<hook>', 'its id, or its event')
  bind(rotate, async (session, [word = '']) => {
    const { tract } = await session.connect()
    const rotated = await tract.hooks.rotateSecret({ id: (await session.hook(word)).id })
    session.output.result(rotated, () =>
      session.output.fields({ hook: nameOf(rotated), id: rotated.id, 'signing secret': rotated.signing_secret }),
    )
  })

  const test = command
    .command('test')
    .description('Sends a hook one signed sample, and shows what the receiver made of it.')
    .argument('<hook>', 'its id, or its event')
  bind(test, async (session, [word = '']) => {
    const { tract } = await session.connect()
    const hook = await session.hook(word)
    const result = await tract.hooks.test({ id: hook.id })
    if (!result.acknowledged) session.exitCode = EXIT.failed
    session.output.result(result, () =>
      session.output.fields({
        hook: nameOf(hook),
        url: hook.url,
        acknowledged: result.acknowledged ? 'yes' : 'no',
        status: result.status,
        error: result.error,
        'at fault': result.at_fault,
        took: `${result.duration_ms} ms`,
        answer: result.answer,
      }),
    )
  })
  return command
}

interface Registering {
  to: string
  secretStdin?: true
}

async function registerHooks(session: Session, words: readonly string[], { to, secretStdin }: Registering) {
  const events = parseEvents(words)
  const given = secretStdin && (await text(session.io.stdin)).trim()
  const { tract } = await session.connect()
  const there = new Set((await session.hooks()).map(nameOf))
  const fresh = newSigningSecret()
  const register = (name: string) => {
    const signing_secret = given ?? (there.has(name) ? undefined : fresh)
    return tract.hooks.register({ ...split(name), url: to, ...(signing_secret !== undefined && { signing_secret }) })
  }
  const show = (hooks: RegisteredHook[]) =>
    session.output.table(
      ['EVENT', 'ID', 'STATUS', 'SIGNING SECRET'],
      hooks.map((hook) => [nameOf(hook), hook.id, hook.status, hook.signing_secret ?? '(as before)']),
    )
  await inTurn(session, events, register, {
    show: (hooks) => session.output.result(hooks, () => show(hooks)),
    left: (names) => `Not registered: ${names.join(', ')}. With --secret-stdin they can get the same secret.`,
  })
}

async function each(
  session: Session,
  words: readonly string[],
  change: (hook: Hook) => PromiseLike<object>,
): Promise<void> {
  const hooks = await Promise.all(words.map((word) => session.hook(word)))
  await inTurn(session, hooks, async (hook) => ({ hook, result: await change(hook) }), {
    show: (done) =>
      session.output.result(
        done.map(({ result }) => result),
        () =>
          showHooks(
            session,
            done.map(({ hook, result }) => ({ ...hook, ...result })),
            'success' in (done[0]?.result ?? {}),
          ),
      ),
    left: (others) => `Not changed: ${others.map(nameOf).join(', ')}.`,
  })
}

function showHooks({ output }: Session, hooks: readonly Hook[], isRemoved = false): void {
  if (hooks.length === 0)
    output.note('There are no hooks: register some with `tract hooks register`, or begin with `tract listen`.')
  output.table(
    ['EVENT', 'STATUS', 'URL', 'ID'],
    hooks.map((hook) => {
      const status = isRemoved
        ? 'removed'
        : hook.disabled_reason
          ? `${hook.status}: ${hook.disabled_reason}`
          : hook.status
      return [nameOf(hook), status, hook.url, hook.id]
    }),
  )
}
