/**
 * Admits as many calls as can be answered in time, and refuses the others before any work is done for them.
 *
 * Calls under way wait for one another: in the event loop, for the acceptor, for a connection, in the database. By Little's
 * law, the number under way is the rate at which they end times the time that each takes. So the limit follows from a rate
 * and a time, which are learned from windows of calls:
 *
 *     limit = rate × (unqueued time + longestWait / 3), at least `least` and at most `most`
 *
 * The *unqueued time* is what a call takes when few are under way. The rate is learned from a window in which more than
 * `least` calls were under way or one was refused; any other window leaves it as it is. It says that the calls were
 *
 *   too slow   one came too late, or their mean is above the unqueued time + longestWait / 3 (where none ended, the window's
 *              length is the mean): the rate becomes that of the window, or half of what it was if that is more
 *   in time    and some were refused: more may be possible, and the rate is raised to try it
 *   in time    and none was refused: the rate is raised to that of the window, if that is more
 *
 * States
 *   usual      `limit` calls may be under way
 *   measuring  `least` calls may be under way, so that the unqueued time can be measured
 *
 * Measuring begins with a window of too slow calls, if the last measurement is older than a minute. It ends with the first
 * window in which calls ended and no more than `least` were under way.
 *
 * What holds: `least` calls may always be under way, and never more than `most`; each admitted call leaves once.
 */
export interface AdmissionSettings {
  /** Milliseconds after which a call whose work has not begun is refused. Under load, calls wait a third of it on average. */
  longestWait: number
  /** The number of calls that may always be under way. */
  least: number
  /** The number of calls that may be under way at most. */
  most: number
}

const ADMISSION: AdmissionSettings = { longestWait: 600, least: 16, most: 2_000 }

/** Calls a second, before any ended. A machine that does half as many is known after the first second of too many. */
const FIRST_RATE = 2_000
/** Milliseconds after which a window ends if enough calls have ended in it to judge by. */
const WINDOW_MS = 100
/** Milliseconds after which a window ends with any number of calls. */
const LONGEST_WINDOW_MS = 1_000
/** Calls in a window that are enough to judge by. */
const ENOUGH = 20
/** Windows. The unqueued time is a moving average over about as many; a shorter measurement replaces it. */
const WINDOWS_AVERAGED = 4
/**
 * Milliseconds. If the load never falls, the unqueued time is measured again after this long, by admitting only `least` calls
 * for one window: the database may have become slower, or farther away.
 */
const MEASUREMENT_HOLDS_MS = 60_000
/** Milliseconds. A longer time is a queue, even if the database is slow by itself. */
const MOST_UNQUEUED_MS = 2_000
/** Milliseconds for which a refused connection rests where as many are refused as end; in proportion where more or fewer are. */
const REST_MS = 200
/** Milliseconds for which a connection rests at most, however many are refused. */
const MOST_REST_MS = 600
/** Factor by which the rate is raised in the time of one window: it doubles in 0.8 seconds. */
const RAISE = 1.1

export class Admission {
  readonly settings: AdmissionSettings
  #limit: number
  #underWay = 0
  /** Calls a second. */
  #rate = FIRST_RATE
  #unqueuedMs = 0
  #measuredAt = Number.NEGATIVE_INFINITY
  #measuring = false
  #rest = REST_MS
  // of the present window
  #beganAt: number
  #ended = 0
  #tookMs = 0
  #late = 0
  #refused = 0
  /** The most calls that were under way. */
  #peak = 0

  constructor(settings: Partial<AdmissionSettings> = {}, now = performance.now()) {
    this.settings = { ...ADMISSION, ...settings }
    this.#limit = this.#fitting
    this.#beganAt = now
  }

  /** Milliseconds for which a connection is not read after a refusal: its next call would most likely be refused, too. */
  get rest(): number {
    return this.#rest
  }

  /** The number of calls that may be under way. */
  get limit(): number {
    return this.#limit
  }

  get underWay(): number {
    return this.#underWay
  }

  /** Admits a call, or not. Each admitted call must `leave`. */
  enter(now: number): boolean {
    if (now - this.#beganAt >= WINDOW_MS) this.#endWindow(now)
    if (this.#underWay >= this.#limit) {
      this.#refused++
      return false
    }
    this.#underWay++
    if (this.#underWay > this.#peak) this.#peak = this.#underWay
    return true
  }

  /**
   * @param took milliseconds since the call entered; `too_late` if it waited too long for its work to begin; undefined if
   *   its time says nothing about the service, such as that of a call that was answered without work
   */
  leave(took: number | 'too_late' | undefined): void {
    this.#underWay--
    if (took === undefined) return
    if (took === 'too_late') {
      this.#late++
      return
    }
    this.#ended++
    this.#tookMs += took
  }

  get #fitting(): number {
    const { longestWait, least, most } = this.settings
    return Math.max(least, Math.min(most, Math.round((this.#rate * (this.#unqueuedMs + longestWait / 3)) / 1_000)))
  }

  /** Learns from the window and begins the next one, unless the window is too young to judge by. */
  #endWindow(now: number): void {
    const elapsed = now - this.#beganAt
    if (this.#ended + this.#late < ENOUGH && elapsed < LONGEST_WINDOW_MS) return
    const { least } = this.settings
    const mean = this.#ended > 0 ? this.#tookMs / this.#ended : elapsed
    if (this.#ended > 0) this.#learnUnqueued(mean, now)
    if (this.#peak > least || this.#refused > 0) this.#learnRate(mean, elapsed, now)
    this.#limit = this.#measuring ? least : this.#fitting
    this.#rest = Math.min(MOST_REST_MS, (REST_MS * (this.#refused + this.#late)) / Math.max(1, this.#ended))
    this.#beganAt = now
    this.#ended = 0
    this.#tookMs = 0
    this.#late = 0
    this.#refused = 0
    this.#peak = this.#underWay
  }

  #learnRate(mean: number, elapsed: number, now: number): void {
    const rate = (this.#ended / elapsed) * 1_000
    if (this.#late > 0 || mean > this.#unqueuedMs + this.settings.longestWait / 3) {
      this.#rate = Math.max(rate, this.#rate / 2)
      if (now - this.#measuredAt > MEASUREMENT_HOLDS_MS) this.#measuring = true
    } else if (this.#refused > 0) {
      this.#rate = Math.max(rate, this.#rate * Math.min(2, RAISE ** (elapsed / WINDOW_MS)))
    } else this.#rate = Math.max(rate, this.#rate)
  }

  /** A window with more than `least` under way can only show that the unqueued time is shorter. */
  #learnUnqueued(mean: number, now: number): void {
    const seen = Math.min(mean, MOST_UNQUEUED_MS)
    if (this.#peak > this.settings.least) {
      this.#unqueuedMs = Math.min(this.#unqueuedMs, seen)
      return
    }
    const isFirst = this.#measuredAt === Number.NEGATIVE_INFINITY
    const average = this.#unqueuedMs + (seen - this.#unqueuedMs) / WINDOWS_AVERAGED
    this.#unqueuedMs = isFirst ? seen : Math.min(seen, average)
    this.#measuredAt = now
    this.#measuring = false
  }
}
