import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import type { Receipt } from '../history/history.js'
import type { Misbehaviour } from '../plan/moods.js'
import { Random } from '../random.js'
import { behave } from './behaviour.js'
import type { Clock } from './clock.js'
import type { HookLedger } from './hook-ledger.js'

const PORTS = 2
/** The share of requests that go wrong while no mood is planned. */
const NOISE = 0.015
const NOISES: readonly Misbehaviour[] = [
  'failing',
  'lossy',
  'torn',
  'garbage',
  'slow',
  'resetting',
  'unstorable',
  'endless_head',
]

export interface Payload {
  user_id?: string
  conversation_number?: string
  metadata?: string
  attachments?: { id: string; sha256: string }[]
  history?: boolean
  timestamp?: string
  message_id?: number
  message_body?: { text?: string }
  sender?: string
  in_control?: boolean
}

export interface ReceiverOptions {
  listener: string
  seed: string
  clock: Clock
  receipts: Receipt[]
  ledgerOf: (hook: string) => HookLedger | undefined
  /** From the address that calls. */
  processOf: (address: string | undefined) => number | null
  /** Whether this receiver refuses the payload, however often it comes. */
  refuses: (token: string | null) => boolean
  answerOf: (hook: string, payload: Payload) => object
  /** A delivery came for the first time. */
  onFirst: (hook: string, payload: Payload) => void
}

/** Of an attempt, by the second in which it was signed. One by a clock that is behind counts as old. */
const ageOf = (timestamp: number): number => Math.max(0, Date.now() - timestamp * 1_000)

interface Said {
  to?: string | null
  offer_number?: number
  epoch?: number
  reason?: string
  note?: string
  comment?: string
  message_id?: number
  message_body?: Payload['message_body']
}

/** What the metadata of an event says. */
export const saidBy = ({ metadata }: Payload): Said => (metadata ? (JSON.parse(metadata) as Said) : {})

function tokenOf(hook: string, payload: Payload, said: Said): string | null {
  if (hook === 'message/deleted') return said.reason ?? null
  const words = payload.message_body?.text ?? said.message_body?.text
  return words?.split(' ', 1)[0] ?? said.note ?? said.comment ?? null
}

/** A listener's endpoint on two ports, between which its hook moves. It records every request. */
export class Receiver {
  readonly #servers: Server[] = []
  readonly #ports: number[] = []
  /** How often each delivery came. */
  readonly #times = new Map<string, number>()
  #mood: { kind: Misbehaviour; share: number; random: Random } | null = null

  private constructor(private readonly options: ReceiverOptions) {}

  static async start(options: ReceiverOptions): Promise<Receiver> {
    const receiver = new Receiver(options)
    for (let index = 0; index < PORTS; index++) {
      const server = createServer((request, response) => void receiver.#receive(request, response))
      // Longer than a client keeps a connection: none is closed while a request is on its way.
      server.keepAliveTimeout = 120_000
      server.on('connection', (socket) => {
        socket.on('error', () => {})
        const mood = receiver.#mood
        if (mood?.kind === 'resetting' && mood.random.chance(mood.share)) socket.resetAndDestroy()
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      receiver.#servers.push(server)
      receiver.#ports.push((server.address() as AddressInfo).port)
    }
    return receiver
  }

  get ports(): readonly number[] {
    return this.#ports
  }

  url(port: number, hook: string): string {
    return `http://127.0.0.1:${port}/${hook}`
  }

  /** @param random for what happens to connections before their request is known */
  async begin(kind: Misbehaviour, share: number, random: Random): Promise<void> {
    this.#mood = { kind, share, random }
    if (kind === 'resetting') for (const server of this.#servers) server.closeAllConnections()
    if (kind === 'closed') await this.close()
  }

  async behaveWell(): Promise<void> {
    const wasClosed = this.#mood?.kind === 'closed'
    this.#mood = null
    if (!wasClosed) return
    for (const [index, server] of this.#servers.entries())
      await once(server.listen(this.#ports[index], '127.0.0.1'), 'listening')
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The connection can go away before the end of the request.
    const body = await textOf(request).catch(() => null)
    if (body === null) return
    const { listener, seed, clock, receipts, ledgerOf, processOf, refuses, answerOf, onFirst } = this.options
    const at = clock()
    const payload = JSON.parse(body) as Payload
    const hook = (request.url ?? '/').slice(1)
    const header = (name: string) => request.headers[name] as string | undefined
    const id = header('webhook-id') ?? ''
    const times = (this.#times.get(id) ?? 0) + 1
    this.#times.set(id, times)
    const said = saidBy(payload)
    const token = tokenOf(hook, payload, said)
    const timestamp = Number(header('webhook-timestamp'))
    const receipt: Receipt = {
      listener,
      user: payload.user_id ?? '',
      hook,
      port: request.socket.localPort ?? 0,
      process: processOf(request.socket.remoteAddress),
      id,
      sequence: Number(header('tract-sequence')),
      previousId: header('tract-previous-id') ?? null,
      attempt: Number(header('tract-attempt')),
      bodyHash: createHash('sha256').update(body).digest('base64').slice(0, 16),
      token,
      messageId: payload.message_id ?? null,
      conversation: payload.conversation_number === undefined ? null : Number(payload.conversation_number),
      about: said.message_id ?? null,
      offer: said.offer_number ?? null,
      to: said.to ?? null,
      epoch: said.epoch ?? null,
      reason: said.reason ?? null,
      files: (payload.attachments ?? []).map(({ id: file, sha256 }) => ({ id: file, sha256 })),
      signedBy: [],
      at,
      decidedAt: at + (payload.timestamp === undefined ? 0 : Date.parse(payload.timestamp) - Date.now()),
      age: ageOf(timestamp),
      endedAt: Number.POSITIVE_INFINITY,
      outcome: 'failed',
    }
    receipts.push(receipt)
    ledgerOf(hook)?.verify(receipt, { id, timestamp, body, signatures: header('webhook-signature') ?? '' })
    if (times === 1) onFirst(hook, payload)

    // The same delivery, coming for the same time, is treated alike in every run.
    const random = new Random(`${seed}/${listener}/${receipt.user}/${receipt.sequence}/${times}`)
    const kind = this.#behaviour(random)
    receipt.outcome = await behave(kind === 'well' && refuses(token) ? 'refusing' : kind, {
      request,
      response,
      random,
      elapsed: () => receipt.age + clock() - at,
      answer: answerOf(hook, payload),
      ends: () => {
        receipt.endedAt = clock()
      },
      poured: (bytes) => {
        receipt.poured = bytes
      },
    })
  }

  #behaviour(random: Random): Misbehaviour | 'well' {
    const mood = this.#mood
    if (mood !== null && mood.kind !== 'resetting' && random.chance(mood.share)) return mood.kind
    return random.chance(NOISE) ? random.pick(NOISES) : 'well'
  }
}
