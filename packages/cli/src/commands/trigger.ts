import { type OutgoingEvent, text } from '@tract/client'
import type { PlatformEvent } from '@tract/client/platform'
import { Argument, Command, Option } from 'commander'
import type { Connection } from '../connection.js'
import { catalogue, type EventEntry, eventNames, parseEvent, parseEvents, split } from '../events.js'
import { EXIT, usage } from '../exit.js'
import { nameOf } from '../hook-lookup.js'
import type { Bind, Session } from '../session.js'

interface TriggerOptions {
  list?: boolean
  user?: string
  text?: string
  metadata?: string
  via: 'auto' | 'send' | 'test'
}

/** A way to make an event travel. */
interface Way {
  /** The method of the SDK. */
  through: string
  go: () => PromiseLike<object>
  /** The options that it heeds. */
  heeds: readonly Detail[]
}

const DETAILS = ['user', 'text', 'metadata'] as const
type Detail = (typeof DETAILS)[number]

const DEFAULT_USER = 'tract-trigger'
const DEFAULT_TEXT = 'My bill is wrong'

export function triggerCommand(bind: Bind): Command {
  const command = new Command('trigger')
    .description('Makes an event travel, and says through which operation.')
    .addArgument(new Argument('[event]', 'such as message.receive'))
    .option('--list', 'say which events there are, and who sends them')
    .option('--user <id>', `whose thread; ${DEFAULT_USER} for a message`)
    .option('--text <text>', `what a message says; “${DEFAULT_TEXT}” by default`)
    .option('--metadata <json>', 'the event’s metadata; that of the contract’s example by default')
    .addOption(
      new Option('--via <way>', 'send: through the real operation; test: as a sample to the hook alone')
        .choices(['auto', 'send', 'test'])
        .default('auto'),
    )
    .addHelpText(
      'after',
      `
By itself it sends what the client may send: a message of the user with the scope platform:messages, and an event if --user
names the thread. Everyone who would hear of it does, so keep to an organisation for tests, such as the demo's. Whatever else
goes to the listener's own hook as a signed sample of the user tract-test, and nobody else hears of it. An option that would
not be heeded is refused.`,
    )
  bind<TriggerOptions>(command, async (session, [word], options) => {
    if (options.list) return listEvents(session, word)
    if (word === undefined) throw usage('Which event?', 'Such as message.receive; --list says which there are.')
    const event = parseEvent(word)
    const connection = await session.connect()
    const real = options.via === 'test' ? undefined : await realWay(connection, event, options)
    if (!real && options.via === 'send') throw usage(await whyNot(connection, event, options))
    const { through, go, heeds } = real ?? (await testWay(session, connection, event))
    const unheeded = DETAILS.filter((detail) => options[detail] !== undefined && !heeds.includes(detail))
    if (unheeded.length > 0)
      throw usage(
        `${event} would go through ${through}, which takes no ${unheeded.map((detail) => `--${detail}`).join(' and no ')}.`,
        real ? undefined : await whyNot(connection, event, options),
      )
    const result = await go()
    if ('acknowledged' in result && !result.acknowledged) session.exitCode = EXIT.failed
    session.output.result({ event, through, result }, () => {
      session.output.line(`${event} went through ${through}.`)
      session.output.fields(result as never)
    })
    if (!real && event === 'message.receive' && !session.output.json)
      session.output.note(
        'With a client of the platform a real message travels: --profile sandbox-message_delivery in the sandbox, or message_delivery in the demo.',
      )
  })
  return command
}

/** @param word only those that it names, such as `message.*` */
function listEvents({ output }: Session, word: string | undefined): void {
  const names = word === undefined ? eventNames : parseEvents([word])
  const events = names.map((event) => ({ event, ...(catalogue[event] as EventEntry) }))
  const listed = events.map(({ event, senders, about }) => ({ event, senders, about }))
  output.result(listed, () =>
    output.table(
      ['EVENT', 'SENT BY', 'ABOUT'],
      listed.map(({ event, senders, about }) => [event, senders.join(', '), about]),
    ),
  )
}

async function realWay(connection: Connection, event: string, options: TriggerOptions): Promise<Way | undefined> {
  const { scopes } = await connection.identity()
  const { tract } = connection
  if (event === 'message.receive') {
    if (!scopes.has('platform:messages')) return undefined
    const { user = DEFAULT_USER, text: words = DEFAULT_TEXT } = options
    const body = { user_id: user, sender: 'ceu', message_body: text(words), user: {} } as const
    return { through: 'platformMessages.send', heeds: ['user', 'text'], go: () => tract.platformMessages.send(body) }
  }
  const { user } = options
  const { senders = [], example = {} } = catalogue[event] ?? {}
  if (user === undefined) return undefined
  const { category: type, subcategory: subtype } = split(event)
  const metadata = options.metadata ?? (typeof example.metadata === 'string' ? example.metadata : undefined)
  const body = { user_id: user, type, subtype, ...(metadata !== undefined && { metadata }) }
  const heeds = ['user', 'metadata'] as const
  if (scopes.has('platform:events') && senders.includes('md'))
    return { through: 'platformEvents.send', heeds, go: () => tract.platformEvents.send(body as PlatformEvent) }
  if (scopes.has('events:write') && senders.some((sender) => sender !== 'tract' && sender !== 'md'))
    return { through: 'events.send', heeds, go: () => tract.events.send(body as OutgoingEvent) }
  return undefined
}

async function testWay(session: Session, { tract, name }: Connection, event: string): Promise<Way> {
  const hook = (await session.hooks()).find((one) => nameOf(one) === event)
  if (!hook)
    throw usage(
      `The client of ${name} may not send ${event} itself, and its listener has no such hook for a sample.`,
      `Register it with \`tract hooks register ${event} --to <url>\`, or let \`tract listen\` fetch it.`,
    )
  return { through: 'hooks.test', heeds: [], go: () => tract.hooks.test({ id: hook.id }) }
}

async function whyNot(connection: Connection, event: string, { user, via }: TriggerOptions): Promise<string> {
  if (via === 'test') return 'A sample is always of the same user and says the same: leave out --via test.'
  const { senders = [] } = catalogue[event] ?? {}
  if (event === 'message.receive')
    return `A message of the user needs the scope platform:messages, which ${connection.name} has not.`
  if (senders.every((sender) => sender === 'tract')) return `${event} is TRACT’s own: nobody sends it.`
  if (user === undefined) return `Sending ${event} needs --user.`
  return `${event} is sent by ${senders.join(', ')}, and ${connection.name} has not the scope for it.`
}
