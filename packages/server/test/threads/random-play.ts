import fc from 'fast-check'
import type { Command, Listener, ListenerKind, Policy, Thread } from '../../src/threads/types.js'
import { EVERY_HOOK, listener, START } from './scene.js'
import { ASKED, OTHERS, OWNER, PASSER, PENDING, SELDOM, type Step } from './steps.js'

/** Who may take part. Each run leaves some out and configures the others at random. */
const CAST: readonly (readonly [string, ListenerKind])[] = [
  ['iva', 'iva'],
  ['iva_b', 'iva'],
  ['sac', 'sac'],
  ['desk', 'ect'],
  ['salon', 'ect'],
  ['md', 'md'],
  ['watcher', 'analytics'],
]

const owner = fc.constant(OWNER)
const other = fc.constantFrom(...OTHERS)
const anybody = fc.constantFrom(...CAST.map(([id]) => id), PENDING, 'nobody')

const actor = fc.oneof(
  { weight: 4, arbitrary: owner },
  { weight: 4, arbitrary: other },
  { weight: 1, arbitrary: anybody },
)

const often = (odds: number) => fc.integer({ min: 1, max: 10 }).map((n) => n <= odds)

const failing = fc.constantFrom(null, null, null, START)

const reopening = fc.constantFrom(null, START + 60_000)

const configured = ([id, kind]: readonly [string, ListenerKind]): fc.Arbitrary<Listener> =>
  fc
    .record({
      enabled: often(9),
      standby: often(7),
      isPrimary: often(2),
      mayTake: often(3),
      mayPassTo: fc.constantFrom('default_or_primary' as const, 'any' as const),
      reachable: often(9),
      failingSince: failing,
      closed: often(2),
      reopensAt: reopening,
      hooks: often(9).map((all) => new Set(all ? EVERY_HOOK : ['conversation_state.bot'])),
    })
    .map((more) => listener(id, kind, more))

const cast = fc
  .tuple(...CAST.map((each) => fc.option(configured(each), { freq: 4 })))
  .map((chosen) => chosen.filter((each) => each !== null))
  // The order decides between several of one kind.
  .chain((present) => fc.shuffledSubarray(present, { minLength: present.length }))

const policies: fc.Arbitrary<Policy> = fc.record({
  defaultListener: fc.option(fc.constantFrom(...CAST.map(([id]) => id), 'nobody')),
  fallbackListener: fc.option(fc.constantFrom('desk', 'salon', 'sac', 'nobody'), { freq: 3 }),
  onRequest: fc.constantFrom('ask', 'ask', 'ask', 'grant', 'deny'),
  unreachableAfter: fc.constantFrom(0, 60),
  offerWithin: fc.constantFrom(5, 60),
  allocateWithin: fc.option(fc.constantFrom(5, 30)),
  idleCompleteAfter: fc.constantFrom(600, 86_400),
  returnedMessage: fc.option(fc.constant('Back with the assistant.')),
})

/** Numbers of conversations that mean this or that one at that moment. */
const NUMBERS = { '@this': 0, '@last': -1, '@next': 1 } as const

/** A command may name the conversation that it is meant for, right or wrong. */
const meant = fc
  .option(fc.constantFrom(...(Object.keys(NUMBERS) as (keyof typeof NUMBERS)[])), { freq: 3 })
  .map((which) => (which === null ? {} : { conversation: which as unknown as number }))

const maybeMeant = <T extends object>(commands: fc.Arbitrary<T>) =>
  fc.tuple(commands, meant).map(([command, conversation]) => ({ ...command, ...conversation }))

/** What may come along with a request for control. */
const said = fc.constantFrom(
  {},
  { context: {} },
  { context: { reason: 'billing' } },
  { context: { custom: { case: 7 } } },
)
const whenClosed = fc.constantFrom({}, { whenClosed: 'refuse' as const }, { whenClosed: 'wait' as const })

const pass = fc
  .record({ kind: fc.constant('pass' as const), requester: actor, receiver: actor, said, whenClosed })
  .map(({ said: context, whenClosed: closed, ...command }) => ({ ...command, ...context, ...closed }))
const grant = said.map((context) => ({ kind: 'pass' as const, requester: OWNER, receiver: PENDING, ...context }))

/** Take and request name themselves, or from whom. */
const takeOrRequest = fc
  .record({
    kind: fc.constantFrom('take' as const, 'request' as const, 'request' as const),
    requester: fc.oneof({ weight: 6, arbitrary: other }, { weight: 1, arbitrary: actor }),
    said,
  })
  .map(({ said: context, ...command }) => ({ ...command, ...context }))
  .chain((command) =>
    fc
      .oneof(
        { weight: 6, arbitrary: fc.constant(command.requester) },
        { weight: 2, arbitrary: owner },
        { weight: 1, arbitrary: actor },
      )
      .map((receiver) => ({ ...command, receiver })),
  )

const reported = fc
  .tuple(
    actor,
    fc.constantFrom(
      { type: 'conversation_state' as const, subtype: 'waiting' as const },
      { type: 'conversation_state' as const, subtype: 'pinned' as const },
      { type: 'conversation_state' as const, subtype: 'complete' as const },
      { type: 'thread_control' as const, subtype: 'declined' as const },
      { type: 'aeu_events' as const, subtype: 'allocated' as const },
      { type: 'aeu_events' as const, subtype: 'user_timeout' as const },
      { type: 'aeu_events' as const, subtype: 'entity_update' as const },
    ),
  )
  .map(([from, event]) => ({ kind: 'event' as const, from, ...event }))

const offered = fc
  .record(
    {
      kind: fc.constant('offer' as const),
      requester: fc.oneof({ weight: 8, arbitrary: owner }, { weight: 1, arbitrary: actor }),
      receivers: fc.uniqueArray(fc.oneof({ weight: 8, arbitrary: other }, { weight: 1, arbitrary: actor }), {
        minLength: 1,
        maxLength: 3,
      }),
      within: fc.constantFrom(1, 30, 3_600),
      said,
    },
    { requiredKeys: ['kind', 'requester', 'receivers', 'said'] },
  )
  .map(({ said: context, ...command }) => ({ ...command, ...context }))

/** Mostly of who is asked, and now and then it names an offer. */
const answered = fc
  .record({
    from: fc.oneof({ weight: 8, arbitrary: fc.constant(ASKED) }, { weight: 1, arbitrary: actor }),
    event: fc.constantFrom(
      { type: 'thread_control' as const, subtype: 'accepted' as const },
      { type: 'thread_control' as const, subtype: 'declined' as const },
      { type: 'thread_control' as const, subtype: 'declined' as const },
      { type: 'aeu_events' as const, subtype: 'allocated' as const },
    ),
    metadata: fc.constantFrom(null, null, null, '{"offer_number":1}', '{"offer_number":2}', 'No time'),
  })
  .map(({ from, event, metadata }) => ({
    kind: 'event' as const,
    from,
    ...event,
    ...(metadata !== null && { metadata }),
  }))

const withdrawn = fc.record({
  kind: fc.constant('event' as const),
  from: fc.oneof({ weight: 3, arbitrary: owner }, { weight: 1, arbitrary: actor }),
  type: fc.constant('thread_control' as const),
  subtype: fc.constant('withdrawn' as const),
})

const spoken = fc.record({
  kind: fc.constant('listener_message' as const),
  from: actor,
  sender: fc.constantFrom('iva' as const, 'ect' as const, 'aeu' as const),
})

const corrected = fc.record({
  kind: fc.constantFrom('edited' as const, 'edited' as const, 'deleted' as const),
  from: actor,
  message: fc.record({
    sender: fc.constantFrom('ceu' as const, 'haptik' as const, 'iva' as const, 'aeu' as const, 'ect' as const),
    conversationNumber: fc.constantFrom(1, 1, 1, 2, 3),
  }),
})

const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'ceu_message' as const }) },
  { weight: 6, arbitrary: maybeMeant(pass) },
  { weight: 2, arbitrary: grant },
  { weight: 6, arbitrary: maybeMeant(takeOrRequest) },
  { weight: 6, arbitrary: maybeMeant(offered) },
  { weight: 4, arbitrary: maybeMeant(answered) },
  { weight: 1, arbitrary: withdrawn },
  { weight: 4, arbitrary: maybeMeant(reported) },
  { weight: 2, arbitrary: maybeMeant(spoken) },
  { weight: 2, arbitrary: maybeMeant(corrected) },
  { weight: 1, arbitrary: fc.constant({ kind: 'haptik_message' as const, from: 'md' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('unreachable' as const),
      listener: fc.oneof(actor, fc.constant(ASKED)),
      failingSince: fc.constantFrom(0, START),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('disabled' as const), listener: fc.oneof(actor, fc.constant(ASKED)) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'tick' as const }) },
)

/** Mostly quick, sometimes just about as long as a timer, once in a while a little backwards. */
const seconds = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(0, 0, 1) },
  { weight: 5, arbitrary: fc.constantFrom(2.999, 3, 5, 30, -1) },
  { weight: 1, arbitrary: fc.constantFrom(60, 600, 86_400) },
)

const reconfigured = fc.record({
  configure: fc.oneof({ weight: 4, arbitrary: actor }, { weight: 1, arbitrary: fc.constant(ASKED) }),
  more: fc.oneof(
    fc.record({ enabled: often(8) }),
    fc.record({ reachable: often(8) }),
    fc.record({ failingSince: failing }),
    fc.record({ closed: often(5), reopensAt: reopening }),
    fc.record({ hooks: often(8).map((all) => new Set(all ? EVERY_HOOK : [])) }),
  ),
})

const steps: fc.Arbitrary<readonly Step[]> = fc.oneof(
  { weight: 60, arbitrary: fc.record({ seconds, command: commands }).map((step) => [step]) },
  { weight: 6, arbitrary: reconfigured.map((step) => [step]) },
  { weight: 1, arbitrary: fc.record({ policy: policies }).map((step) => [step]) },
  { weight: 8, arbitrary: fc.record({ delivered: owner }).map((step) => [step]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...SELDOM),
  },
)

export interface Play {
  readonly listeners: readonly Listener[]
  readonly policy: Policy
  readonly steps: readonly Step[]
}

export const plays: fc.Arbitrary<Play> = fc.record({
  listeners: cast,
  policy: policies,
  steps: fc.array(steps, { maxLength: 60, size: 'max' }).map((parts) => parts.flat()),
})

/** The step with its stand-ins replaced by whom they mean on this thread. */
export function resolve<T extends object>(step: T, thread: Thread, listeners: readonly Listener[]): T {
  const others = listeners.filter(({ id }) => id !== thread.owner)
  const who = (value: unknown): unknown => {
    if (Array.isArray(value)) return [...new Set(value.map(who))]
    if (value === OWNER) return thread.owner ?? 'nobody'
    if (value === PENDING) return thread.pendingRequest?.from ?? 'desk'
    if (typeof value === 'string' && value in NUMBERS)
      return thread.conversationNumber + NUMBERS[value as keyof typeof NUMBERS]
    if (value === PASSER) return thread.memory.passedBy ?? 'nobody'
    if (value === ASKED) return thread.offer?.to ?? 'desk'
    const place = OTHERS.indexOf(value as string)
    return place < 0 ? value : (others[place]?.id ?? 'nobody')
  }
  return Object.fromEntries(Object.entries(step).map(([key, value]) => [key, who(value)])) as T
}
