import type { ServerResponse } from 'node:http'
import type { Queryable } from '../database/queryable.js'
import type { Sliced } from '../database/slices.js'
import { ChangeFeed, type NumberedChange } from './change-feed.js'
import { organisationChanges, userChanges } from './change-sources.js'

export interface ChangeStreamSettings {
  /** Between two looks at one user, and at a whole organisation, in ms. */
  userPause: number
  organisationPause: number
  /** How often it is seen to that who listens may still, and is told that the connection is there. */
  pulse: number
  lingerMs: number
  /** Streams of one client. */
  mostOfAClient: number
}

const SETTINGS: ChangeStreamSettings = {
  userPause: 300,
  organisationPause: 1_000,
  pulse: 5_000,
  lingerMs: 30_000,
  mostOfAClient: 32,
}

/** Bytes: a reader that is so far behind is cut off, and goes on later from where it was. */
const MOST_BYTES_BEHIND = 262_144
const RETRY_MS = 2_000
const LAST_WORDS_MS = 1_000

export interface ChangeScope {
  organisationId: string
  userId: string | undefined
}

export interface OpenOptions {
  clientId: string
  lastId: string | undefined
  /** Does its session, or token, still count. */
  counts: () => boolean
  /** Takes over the connection once there is something to stream. */
  answer: () => ServerResponse
}

/** Streams of what changes, as Server-Sent Events. Changes are looked for, not told, so that nothing else is slower. */
export class ChangeStreams {
  readonly #slices: Sliced<Queryable>
  readonly #onError: (error: unknown) => void
  readonly #settings: ChangeStreamSettings
  readonly #feeds = new Map<string, ChangeFeed>()
  readonly #open = new Map<ServerResponse, string>()
  #released = false

  constructor(
    slices: Sliced<Queryable>,
    onError: (error: unknown) => void,
    settings: Partial<ChangeStreamSettings> = {},
  ) {
    this.#slices = slices
    this.#onError = onError
    this.#settings = { ...SETTINGS, ...settings }
  }

  /** @returns false if the client has as many as it may have */
  async open(scope: ChangeScope, { clientId, lastId, counts, answer }: OpenOptions): Promise<boolean> {
    const feed = this.#feed(scope)
    await feed.begun()
    if ([...this.#open.values()].filter((id) => id === clientId).length >= this.#settings.mostOfAClient) return false
    const response = answer()
    // who has left while the first look was waited for is told nothing, and its leaving was said before anybody heard
    if (response.destroyed) return true
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      // a proxy that gathers answers would keep this one for good
      'x-accel-buffering': 'no',
    })
    response.write(`retry: ${RETRY_MS}\nid: ${feed.lastId}\n\n`)
    const send = (changes: readonly NumberedChange[]) => {
      if (response.writableLength > MOST_BYTES_BEHIND) response.destroy()
      else if (changes.length > 0) response.write(changes.map(eventText).join(''))
    }
    if (lastId !== undefined && lastId !== '') send(feed.since(lastId))
    const unsubscribe = feed.subscribe(send)
    this.#open.set(response, clientId)
    const pulse = setInterval(() => {
      if (!counts()) finish(response)
      else if (response.writableLength > MOST_BYTES_BEHIND) response.destroy()
      else response.write(': there\n\n')
    }, this.#settings.pulse).unref()
    response.once('close', () => {
      clearInterval(pulse)
      unsubscribe()
      this.#open.delete(response)
    })
    if (this.#released) finish(response)
    return true
  }

  /** Ends every stream: the service stops. */
  release(): void {
    this.#released = true
    for (const response of this.#open.keys()) finish(response)
    for (const feed of [...this.#feeds.values()]) feed.end()
  }

  #feed({ organisationId, userId }: ChangeScope): ChangeFeed {
    const name = userId === undefined ? organisationId : `${organisationId} ${userId}`
    const present = this.#feeds.get(name)
    if (present) return present
    const { userPause, organisationPause, lingerMs } = this.#settings
    const feed = new ChangeFeed({
      source:
        userId === undefined
          ? organisationChanges(this.#slices, organisationId)
          : userChanges(this.#slices, organisationId, userId),
      pause: userId === undefined ? organisationPause : userPause,
      lingerMs,
      onError: this.#onError,
      onEnd: () => {
        if (this.#feeds.get(name) === feed) this.#feeds.delete(name)
      },
    })
    this.#feeds.set(name, feed)
    return feed
  }
}

/** Who does not read what is left is not waited for. */
function finish(response: ServerResponse): void {
  if (response.writableEnded) return
  response.end()
  setTimeout(() => response.destroy(), LAST_WORDS_MS).unref()
}

const eventText = ({ id, type, ...data }: NumberedChange) =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
