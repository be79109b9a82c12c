/**
 * The processes of a start, by their numbers. They share the port by node:cluster, and each takes connections by itself: one
 * that the parent had handed to a process that dies would wait for good.
 *
 *   begun → ready → listening   a process opens its rooms, and listens once `listen` was called
 *   any → gone                  it ended: another begins in its place, after a pause that grows with each that ends early
 *
 * What a process fails at before all are ready ends the start, and later a wrong setting ends the whole: it would fail
 * again. All else, such as a database that is away, is tried again for as long as it takes.
 */
import cluster, { type Worker } from 'node:cluster'
import { StartError } from '../start/start-error.js'
import type { Log } from '../telemetry/log.js'
import type { ProcessPlan, Question, ToParent, ToProcess } from './messages.js'

/** Milliseconds before another process begins, by how many have ended early in a row. */
const PAUSES_MS = [250, 1_000, 2_000, 5_000, 10_000, 30_000]
/** One that lasts longer did not end early. */
const EARLY_MS = 60_000
/** Of a start: those that end without a word, such as for lack of memory, until it is given up. */
const MOST_SILENT_ENDS = 5
/** More than everything takes that a process waits for when it stops. */
const STOP_WITHIN_MS = 30_000

export interface ProcessesOptions {
  count: number
  /** @param ofStart no process has listened yet */
  plan: (number: number, ofStart: boolean) => ProcessPlan
  log: Log
  /** Takes what processes write, line by line. */
  write: (line: string, of: number, isError: boolean) => void
  /** Told once, after the start, if it cannot go on. */
  onLost: (error: Error) => void
}

interface Place {
  number: number
  worker: Worker | null
  state: 'begun' | 'ready' | 'listening'
  begunAt: number
  /** How many have ended early in a row. */
  ended: number
  restart: NodeJS.Timeout | undefined
  /** How many have taken the place of another. */
  restarts: number
  /** What it said it failed at. */
  failure: (ToParent & { is: 'failed' }) | null
}

export class Processes {
  readonly #options: ProcessesOptions
  readonly #places: Place[]
  readonly #questions = new Map<number, { asked: Place; resolve: (answer: string | null | undefined) => void }>()
  #lastQuestion = 0
  #isListening = false
  /** All of them listened once. */
  #hasStarted = false
  #isStopping = false
  /** Told of each change of a place. */
  #changed = () => {}
  #failed: (error: Error) => void = () => {}

  constructor(options: ProcessesOptions) {
    this.#options = options
    const numbers = Array.from({ length: options.count }, (_, index) => index + 1)
    const empty = {
      worker: null,
      state: 'begun' as const,
      begunAt: 0,
      ended: 0,
      restart: undefined,
      restarts: 0,
      failure: null,
    }
    this.#places = numbers.map((number) => ({ number, ...empty }))
  }

  /** Begins all of them. @throws what one of them cannot start for */
  async start(): Promise<void> {
    cluster.schedulingPolicy = cluster.SCHED_NONE
    cluster.setupPrimary({ silent: true })
    for (const place of this.#places) this.#begin(place)
    await this.#all('ready')
  }

  /** @throws the error of the first that cannot listen, with its code */
  async listen(): Promise<void> {
    this.#isListening = true
    for (const place of this.#places) if (place.state === 'ready') this.#tell(place, { do: 'listen' })
    await this.#all('listening')
    this.#failed = (error) => this.#options.onLost(error)
  }

  get restarts(): [number: number, count: number][] {
    return this.#places.map(({ number, restarts }) => [number, restarts])
  }

  /** What each one that answers calls says; undefined if it does not within the time. */
  async ask(question: Question, withinMs: number): Promise<Map<number, string | null | undefined>> {
    const asked = this.#places.filter(({ state }) => state === 'listening')
    const answers = asked.map(async (place) => [place.number, await this.#answer(place, question, withinMs)] as const)
    return new Map(await Promise.all(answers))
  }

  /** Stops all of them together, each in order. */
  async stop(): Promise<void> {
    this.#isStopping = true
    for (const place of this.#places) {
      clearTimeout(place.restart)
      this.#tell(place, { do: 'stop' })
    }
    const kill = setTimeout(() => {
      for (const { worker } of this.#places) worker?.process.kill('SIGKILL')
    }, STOP_WITHIN_MS)
    await this.#until(() => this.#places.every(({ worker }) => worker === null))
    clearTimeout(kill)
  }

  #begin(place: Place): void {
    const worker = cluster.fork()
    Object.assign(place, { worker, state: 'begun', begunAt: performance.now(), failure: null })
    const end = (how: string) => {
      if (place.worker === worker) this.#ended(place, how)
    }
    worker.on('message', (message: ToParent) => this.#hear(place, message))
    worker.on('error', ({ message }) => worker.process.pid === undefined && end(message))
    worker.on('exit', (code, signal) => end(signal ?? `exit code ${code}`))
    for (const [stream, isError] of [
      [worker.process.stdout, false],
      [worker.process.stderr, true],
    ] as const)
      if (stream) byLine(stream, (line) => this.#options.write(line, place.number, isError))
  }

  #hear(place: Place, message: ToParent): void {
    switch (message.is) {
      case 'up':
        this.#tell(place, { do: 'start', plan: this.#options.plan(place.number, !this.#hasStarted) })
        if (this.#isStopping) this.#tell(place, { do: 'stop' })
        break
      case 'ready':
        if (this.#isListening) this.#tell(place, { do: 'listen' })
        this.#becomes(place, 'ready')
        break
      case 'listening':
        this.#becomes(place, 'listening')
        this.#options.log.info({ number: place.number, processId: place.worker?.process.pid }, 'a process listens')
        break
      case 'failed':
        place.failure = message
        break
      case 'answer':
        this.#questions.get(message.id)?.resolve(message.answer)
        break
      case 'counted':
        for (const other of this.#places)
          if (other !== place && other.state === 'listening')
            this.#tell(other, { do: 'count', counted: message.counted })
    }
  }

  #becomes(place: Place, state: Place['state']): void {
    place.state = state
    this.#changed()
  }

  #ended(place: Place, how: string): void {
    const lasted = place.state === 'listening' && performance.now() - place.begunAt > EARLY_MS
    place.ended = lasted ? 0 : place.ended + 1
    place.worker = null
    for (const { asked, resolve } of this.#questions.values()) if (asked === place) resolve(undefined)
    this.#becomes(place, 'begun')
    if (this.#isStopping) return
    const end = this.#endOfAll(place, how)
    if (end !== null) this.#failed(end)
    else this.#beginAgain(place, place.failure?.message ?? how)
  }

  /** What no other process in its place would do better at. */
  #endOfAll({ number, failure, ended }: Place, how: string): Error | null {
    if (failure && (failure.ofSettings || !this.#hasStarted)) {
      const { message, code } = failure
      return Object.assign(new StartError(message), code && { code })
    }
    if (this.#hasStarted || ended < MOST_SILENT_ENDS) return null
    return new StartError(`Process ${number} has ended ${ended} times before it could work (${how}).`)
  }

  #beginAgain(place: Place, reason: string): void {
    const { number } = place
    const pauseMs = PAUSES_MS[Math.min(Math.max(place.ended - 1, 0), PAUSES_MS.length - 1)] as number
    this.#options.log.error({ number, reason, pauseMs }, 'a process has ended; another begins in its place')
    place.restart = setTimeout(() => {
      place.restarts++
      this.#begin(place)
    }, pauseMs)
  }

  async #all(state: 'ready' | 'listening'): Promise<void> {
    const failed = new Promise<never>((_, reject) => {
      this.#failed = reject
    })
    const states = state === 'ready' ? ['ready', 'listening'] : [state]
    await Promise.race([failed, this.#until(() => this.#places.every((place) => states.includes(place.state)))])
    this.#hasStarted = state === 'listening'
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds())
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
  }

  #tell({ worker }: Place, message: ToProcess): void {
    // one that is going takes no more, and another begins in its place
    if (worker?.isConnected()) worker.process.send?.(message, undefined, undefined, () => {})
  }

  #answer(place: Place, question: Question, withinMs: number): Promise<string | null | undefined> {
    const id = ++this.#lastQuestion
    return new Promise<string | null | undefined>((resolve) => {
      const timer = setTimeout(resolve, withinMs, undefined)
      this.#questions.set(id, {
        asked: place,
        resolve: (answer) => {
          clearTimeout(timer)
          resolve(answer)
        },
      })
      this.#tell(place, { do: 'answer', id, question })
    }).finally(() => this.#questions.delete(id))
  }
}

/** A line that has not ended when the stream does is one too. */
function byLine(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() as string
    for (const line of lines) take(line)
  })
  stream.on('end', () => rest !== '' && take(rest))
}
