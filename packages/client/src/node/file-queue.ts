/**
 * A queue in a file: what is added is on the disk before it counts as taken, and is worked off in order for each lane, also by the next process.
 *
 * An entry waits until its work has ended, or was refused for good; then its key is remembered in its place. Of each lane the oldest entry alone is at
 * work, and a failure holds up those behind it. Lanes do not wait for each other, beyond the number that works at a time. In memory an entry
 * is before it is in the file, so that the file can be written again at any time.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { pause } from '../calls/waiting.js'
import { isRefusal as isRefusalOfTract } from '../desk/is-temporary.js'
import { pauseAfter } from '../desk/patiently.js'
import { tell } from '../observation/tell.js'
import { Journal, type JournalMemory, textOnly } from './journal.js'
import { Slots } from './slots.js'

/** What is to be done. */
export interface QueueEntry<T> {
  /** What has to stay in order, such as the `user_id`. */
  lane: string
  /** Tells the entry from every other of the queue, such as the desk's id of an event. It becomes the `idempotencyKey`. */
  key: string
  /** Kept as JSON. */
  item: T
}

/** The options for a call to TRACT: `tract.messages.send(message, call)`. Where an entry leads to several calls, give each a key of its own, such as `${call.idempotencyKey}-2`. */
export interface QueueCall {
  /** The entry's key, the same at every attempt. */
  idempotencyKey: string
  /** Aborted when the queue is closed, or the lane is removed. */
  signal: AbortSignal
}

export interface QueueFailures<Item> {
  /**
   * Called once an entry is refused for good, such as to show it to the agent; then the entry is over, and those behind it go on. What
   * this throws counts as a failure of the entry.
   */
  onRefused: (error: unknown, item: Item, call: QueueCall) => void | Promise<void>
  /** Which errors refuse for good; `isRefusal` of `@tract/client/desk` if absent. After any other the entry is tried again. */
  isRefusal?: (error: unknown) => boolean
  /** Told of each failure, and of the milliseconds until the next attempt; `console.error` if absent. */
  onFailure?: (error: unknown, item: Item, pauseMs: number) => void
  /** Milliseconds to which the pauses grow; a minute if absent. What TRACT asks for, or an error's `retryAfterMs`, may be longer. */
  longestPauseMs?: number
  /** How many lanes are worked at, at a time; 16 if absent. */
  concurrency?: number
  /** How many keys of entries that are over are remembered; 50,000 if absent. */
  limit?: number
}

export interface FileQueueOptions<T> extends QueueFailures<T> {
  /**
   * Does what an entry says. A process that dies before the end is known does it again, and no other twice: so it needs the key. What it throws may
   * say in `retryAfterMs`, a number, how long the desk's API asks to wait.
   */
  work: (item: T, call: QueueCall) => unknown
}

/** A queue in a file. */
export interface FileQueue<T> {
  /** Done once the entry is on the disk: then it may be acknowledged. A key that waits, or is remembered, adds nothing. */
  add(entry: QueueEntry<T>): Promise<void>
  /** How many entries wait, with those at work. */
  readonly size: number
  /**
   * Drops what waits in a lane, as if it were over: such as when a user is erased. Of what its entries said nothing is in the file any more, and what is
   * under way has ended: its signal is aborted, and it is waited for, unless it is the lane's own work that calls this. Delete then what it kept elsewhere.
   * What is added to the lane after the call is worked off.
   */
  remove(lane: string): Promise<void>
  /** Aborts the calls, waits for the work that is under way, and lets another process have the file. */
  close(): Promise<void>
}

/**
 * Opens the queue in the file at `path`, which has to be on a disk of this machine, makes it if there is none, and goes on with what waits. Work that
 * fails is tried again, with pauses that grow to a minute or are as long as TRACT or the error asks for. What waits is in memory, too. Rejects with a
 * `FileInUseError` while another process has the file.
 */
export async function fileQueue<T>(path: string, options: FileQueueOptions<T>): Promise<FileQueue<T>> {
  return Queue.open(path, options)
}

interface Waiting<T> extends QueueEntry<T> {
  isOver?: true
  /** While it is tried, and in the pauses between. */
  breakOff?: () => void
  attempt?: Promise<void>
}

export interface QueueSettings<T> extends FileQueueOptions<T> {
  /** Whether nothing of it, and of those before it, may stay in the file once it is over. */
  isLast?: (item: T) => boolean
  /** What fails, in the line on the console. */
  named?: (item: T) => string
}

export class Queue<T> implements FileQueue<T>, JournalMemory {
  readonly #path: string
  readonly #settings: QueueSettings<T>
  readonly #limit: number
  readonly #slots: Slots
  #isStopping = false
  /** By key, oldest first: those that wait, and those that are about to be on the disk. */
  readonly #waiting = new Map<string, Waiting<T>>()
  readonly #adding = new Map<string, Promise<void>>()
  readonly #over = new Set<string>()
  /** Oldest first. */
  readonly #lanes = new Map<string, Waiting<T>[]>()
  readonly #working = new Set<Promise<void>>()
  readonly #atWork = new AsyncLocalStorage<Waiting<T>>()
  #journal!: Journal

  private constructor(path: string, settings: QueueSettings<T>) {
    this.#path = path
    this.#settings = settings
    this.#limit = atLeastOne('limit', settings.limit ?? 50_000)
    this.#slots = new Slots(atLeastOne('concurrency', settings.concurrency ?? 16))
    if (typeof settings.onRefused !== 'function')
      throw new TypeError('onRefused is missing: what was refused for good would be lost without a word.')
  }

  static async open<T>(path: string, settings: QueueSettings<T>): Promise<Queue<T>> {
    const queue = new Queue(path, settings)
    queue.#journal = await Journal.open(path, 'tract queue', queue)
    for (const entry of queue.#waiting.values()) queue.#begin(entry)
    return queue
  }

  get size(): number {
    return this.#waiting.size
  }

  async add({ lane, key, item }: QueueEntry<T>): Promise<void> {
    textOnly({ lane, key })
    const adding = this.#adding.get(key)
    if (adding) return adding
    if (this.#over.has(key) || this.#waiting.has(key)) return
    // as the next process would read it
    const added = this.#add({ lane, key, item: JSON.parse(JSON.stringify(item)) }).finally(() =>
      this.#adding.delete(key),
    )
    this.#adding.set(key, added)
    return added
  }

  async remove(lane: string): Promise<void> {
    textOnly({ lane })
    const [oldest] = this.#lanes.get(lane) ?? []
    // those that are about to be on the disk as well
    for (const entry of [...this.#waiting.values()]) if (entry.lane === lane) this.#end(entry)
    if (oldest && oldest !== this.#atWork.getStore()) {
      oldest.breakOff?.()
      await oldest.attempt?.catch(() => {})
    }
    await this.#journal.rewrite()
  }

  async close(): Promise<void> {
    this.#isStopping = true
    for (const [oldest] of this.#lanes.values()) oldest?.breakOff?.()
    while (this.#working.size > 0) await Promise.all(this.#working)
    await this.#journal.close()
  }

  read(line: unknown): boolean {
    const [sign, key, lane, item] = Array.isArray(line) ? line : []
    if (typeof key !== 'string') return false
    if (sign === '-') this.#remember(key)
    else if (sign === '+' && typeof lane === 'string') this.#waiting.set(key, { lane, key, item })
    else return false
    return true
  }

  *lines(): Iterable<unknown> {
    for (const key of this.#over) yield ['-', key]
    for (const entry of this.#waiting.values()) yield lineOf(entry)
  }

  async #add(entry: Waiting<T>): Promise<void> {
    this.#waiting.set(entry.key, entry)
    try {
      await this.#journal.append(lineOf(entry))
    } catch (error) {
      this.#waiting.delete(entry.key)
      throw error
    }
    if (!entry.isOver) this.#begin(entry)
  }

  #begin(entry: Waiting<T>): void {
    const lane = this.#lanes.get(entry.lane)
    if (lane) return void lane.push(entry)
    this.#lanes.set(entry.lane, [entry])
    const working = this.#workOff(entry.lane).finally(() => this.#working.delete(working))
    this.#working.add(working)
  }

  async #workOff(lane: string): Promise<void> {
    const entries = this.#lanes.get(lane) ?? []
    for (let entry = entries[0]; entry; entry = entries[0]) {
      const isDone = await this.#finish(entry)
      if (!isDone && !entry.isOver) return // the queue is closed
      entries.shift()
      if (isDone) await this.#keepEnd(entry)
    }
    this.#lanes.delete(lane)
  }

  /** @returns false where the queue is closed, or the entry was dropped, before that */
  async #finish(entry: Waiting<T>): Promise<boolean> {
    const leaving = new AbortController()
    entry.breakOff = () => leaving.abort()
    const { signal } = leaving
    for (let failures = 1; !this.#isStopping && !signal.aborted && !entry.isOver; failures++) {
      try {
        await this.#slots.run(() => {
          entry.attempt = this.#atWork.run(entry, () => this.#attempt(entry, signal))
          return entry.attempt
        })
        return true
      } catch (error) {
        if (signal.aborted || entry.isOver) break
        const pauseMs = pauseAfter(error, failures, this.#settings.longestPauseMs)
        this.#report(error, entry, pauseMs)
        await pause(pauseMs, signal).catch(() => {})
      }
    }
    return false
  }

  async #attempt({ item, key }: Waiting<T>, signal: AbortSignal): Promise<void> {
    const { work, onRefused, isRefusal = isRefusalOfTract } = this.#settings
    signal.throwIfAborted()
    const call = { idempotencyKey: key, signal }
    try {
      await work(item, call)
    } catch (error) {
      if (signal.aborted || !isRefusal(error)) throw error
      await onRefused(error, item, call)
    }
  }

  /** Waited for before the next of the lane, so that a crash repeats one entry of it at most. */
  async #keepEnd(entry: Waiting<T>): Promise<void> {
    this.#end(entry)
    const isLast = this.#settings.isLast?.(entry.item)
    const kept = isLast ? this.#journal.rewrite() : this.#journal.append(['-', entry.key])
    // It is over in memory, which the next write brings to the disk: at the worst it is done again by the next process.
    await kept.catch((error) => this.#report(error, entry, 0))
  }

  #end(entry: Waiting<T>): void {
    entry.isOver = true
    this.#remember(entry.key)
  }

  #remember(key: string): void {
    this.#waiting.delete(key)
    this.#over.delete(key)
    this.#over.add(key)
    for (const oldest of this.#over) {
      if (this.#over.size <= this.#limit) break
      this.#over.delete(oldest)
    }
  }

  #report(error: unknown, { item, key }: Waiting<T>, pauseMs: number): void {
    const { onFailure, named } = this.#settings
    const failed =
      pauseMs > 0 ? `${named?.(item) ?? 'the work'} failed at` : 'it could not be written that it is done with'
    const then = pauseMs > 0 ? `, and is called again in ${Math.ceil(pauseMs / 1_000)} s` : ''
    tell(() =>
      onFailure
        ? onFailure(error, item, pauseMs)
        : console.error(`${this.#path}: ${failed} entry ${key}${then}:`, error),
    )
  }
}

const lineOf = <T>({ key, lane, item }: QueueEntry<T>) => ['+', key, lane, item]

function atLeastOne(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} is a whole number from 1, and not ${value}`)
  return value
}
