import { decide } from '../../src/threads/decide.js'
import { newThread } from '../../src/threads/thread.js'
import type {
  Accepted,
  Command,
  ControlCommand,
  Effect,
  EventEffect,
  Listener,
  ListenerKind,
  OfferCommand,
  Policy,
  Refusal,
  Thread,
  ThreadEvent,
} from '../../src/threads/types.js'

export const START = Date.UTC(2026, 10, 22, 9)

export const EVERY_HOOK = [
  'message.receive',
  ...['sent', 'delivered', 'read', 'failed', 'edited', 'deleted'].map((subtype) => `message.${subtype}`),
  ...['bot', 'incomplete', 'waiting', 'pinned', 'complete'].map((subtype) => `conversation_state.${subtype}`),
  ...['received', 'allocated', 'queued', 'user_timeout', 'entity_update'].map((subtype) => `aeu_events.${subtype}`),
  ...['assigned', 'released', 'taken', 'requested', 'granted', 'declined', 'expired', 'returned'].map(
    (subtype) => `thread_control.${subtype}`,
  ),
  ...['offered', 'accepted', 'withdrawn'].map((subtype) => `thread_control.${subtype}`),
]

export const listener = (id: string, kind: ListenerKind, more: Partial<Listener> = {}): Listener => ({
  id,
  kind,
  enabled: true,
  standby: true,
  isPrimary: false,
  mayTake: false,
  mayPassTo: 'default_or_primary',
  reachable: true,
  failingSince: null,
  closed: false,
  reopensAt: null,
  createUser: 'once',
  hooks: new Set(EVERY_HOOK),
  ...more,
})

export const iva = listener('iva', 'iva')
export const sac = listener('sac', 'sac')
export const desk = listener('desk', 'ect')
export const salon = listener('salon', 'ect')
export const md = listener('md', 'md')
export const watcher = listener('watcher', 'analytics')
export const everybody: readonly Listener[] = [iva, sac, desk, salon, md, watcher]

const policy: Policy = {
  defaultListener: null,
  fallbackListener: null,
  onRequest: 'ask',
  unreachableAfter: 60,
  offerWithin: 60,
  allocateWithin: null,
  idleCompleteAfter: 86_400,
  returnedMessage: null,
}

/** One line per effect: `conversation_state/bot #1 > all`, `history > desk`, `say "…"`. */
function line(effect: Effect): string {
  switch (effect.kind) {
    case 'event': {
      const to = effect.to === 'all' ? 'all' : effect.to.join(',')
      const except = effect.except === undefined ? '' : ` except ${effect.except}`
      return `${effect.type}/${effect.subtype} #${effect.conversationNumber} > ${to}${except}`
    }
    case 'history':
      return `history > ${effect.to}`
    case 'say':
      return `say "${effect.text}"`
  }
}

/** A thread and its surroundings, played command by command. The clock is in seconds from the start. */
export class Scene {
  thread: Thread = newThread(START)
  second = 0
  listeners: readonly Listener[]
  policy: Policy

  constructor(settings: { listeners?: readonly Listener[]; policy?: Partial<Policy> } = {}) {
    this.listeners = settings.listeners ?? everybody
    this.policy = { ...policy, ...settings.policy }
  }

  get now(): number {
    return START + this.second * 1000
  }

  after(seconds: number): this {
    this.second += seconds
    return this
  }

  /** Changes the configuration of one listener. */
  set(id: string, more: Partial<Listener>): this {
    this.listeners = this.listeners.map((each) => (each.id === id ? { ...each, ...more } : each))
    return this
  }

  accept(command: Command): Accepted {
    const decision = decide(this.thread, this.listeners, this.policy, command, this.now)
    if (!decision.ok) throw new Error(`${JSON.stringify(command)} was refused: ${JSON.stringify(decision.refusal)}`)
    this.thread = decision.thread
    return decision
  }

  /** The effects of an accepted command as lines. */
  tell(command: Command): string[] {
    return this.accept(command).effects.map(line)
  }

  events(command: Command): EventEffect[] {
    return this.accept(command).effects.filter((effect) => effect.kind === 'event')
  }

  refuse(command: Command): Refusal {
    const decision = decide(this.thread, this.listeners, this.policy, command, this.now)
    if (decision.ok) throw new Error(`${JSON.stringify(command)} was accepted`)
    return decision.refusal
  }

  ceu(): string[] {
    return this.tell({ kind: 'ceu_message' })
  }

  tick(): string[] {
    return this.tell({ kind: 'tick' })
  }
}

const control =
  (kind: ControlCommand['kind']) =>
  (requester: string, receiver: string = requester): ControlCommand => ({ kind, requester, receiver })

export const pass = control('pass')
export const take = control('take')
export const request = control('request')

export const offer = (requester: string, ...receivers: string[]): OfferCommand => ({
  kind: 'offer',
  requester,
  receivers,
})

type Reported = Extract<Command, { kind: 'event' }>

export const state = (from: string, subtype: 'waiting' | 'pinned' | 'complete', metadata?: string): Reported => ({
  kind: 'event',
  from,
  type: 'conversation_state',
  subtype,
  ...(metadata !== undefined && { metadata }),
})

type AgentEvent = Extract<ThreadEvent, { type: 'aeu_events' }>['subtype']

export const agent = (from: string, subtype: AgentEvent, metadata?: string): Reported => ({
  kind: 'event',
  from,
  type: 'aeu_events',
  subtype,
  ...(metadata !== undefined && { metadata }),
})

const controlEvent =
  (subtype: 'accepted' | 'declined' | 'withdrawn') =>
  (from: string, metadata?: string): Reported => ({
    kind: 'event',
    from,
    type: 'thread_control',
    subtype,
    ...(metadata !== undefined && { metadata }),
  })

export const accept = controlEvent('accepted')
export const decline = controlEvent('declined')
export const withdraw = controlEvent('withdrawn')

export const says = (from: string, sender: 'iva' | 'ect' | 'aeu' = 'ect'): Command => ({
  kind: 'listener_message',
  from,
  sender,
})

/** A conversation that the IVA has opened. */
export function withBot(settings: ConstructorParameters<typeof Scene>[0] = {}): Scene {
  const scene = new Scene(settings)
  scene.ceu()
  return scene
}

/** A conversation that the IVA has passed to `owner`. */
export function withAgents(owner: string, settings: ConstructorParameters<typeof Scene>[0] = {}): Scene {
  const scene = withBot(settings)
  scene.accept(pass('iva', owner))
  return scene
}
