/**
 * Lets in as many calls as can be answered in time, and refuses the others before anything is done for them.
 *
 * Calls that are under way wait for one another, wherever that is: in the event loop, for the acceptor, for a connection, in the database.
 * How long they wait follows from how many there are and how many end in a second (Little's law), so the number that may be under way is
 * that rate times the time that they may take. Rate and time are looked at in windows:
 *
 * - Calls took too long, came too late, or none ended though some are under way: the rate is what was seen, at most halved at a look.
 * - They did not, and more ended in a second than was known: the rate is that.
 * - They did not, and some were refused: more may be possible, and the rate is raised to try it.
 *
 * A few may always be under way, and what they take is no queue: it is measured, and granted on top.
 */
export interface AdmissionSettings {
  /** Milliseconds that a call may wait before its work begins; it is refused then. A third of it is what calls wait on average when many come. */
  longestWait: number
  /** So many may always be under way. */
  least: number
  /** … and so many at most. */
  most: number
}

const ADMISSION: AdmissionSettings = { longestWait: 600, least: 16, most: 2_000 }

/** Calls a second, before any were seen: a machine that does half as many is told so by the first second of too many. */
const FIRST_RATE = 2_000
/** A window is looked at after so many milliseconds, if enough calls have ended in it to tell, and else after the second. */
const WINDOW_MS = 100
const LONGEST_WINDOW_MS = 1_000
const ENOUGH = 20
/** What a call takes alone is told by so many of the last windows, mostly; a shorter time counts by itself. */
const WINDOWS_ALONE = 4
/** Where few are never under way, it is looked at again after this, by letting in a few only: a database may be slow, or far. */
const ALONE_HOLDS_MS = 60_000
/** However slow the database is by itself, more than this is a queue. */
const MOST_ALONE_MS = 2_000
/** Where as many are refused as are done, their connections rest for so long, and for longer where more are. */
const REST_MS = 200
const MOST_REST_MS = 600
/** In a window's time: twice as many in 0.8 seconds. */
const RAISE = 1.1

export class Admission {
  readonly settings: AdmissionSettings
  #limit: number
  #underWay = 0
  /** Calls a second. */
  #rate = FIRST_RATE
  #alone = 0
  #rest = REST_MS
  #aloneAt = Number.NEGATIVE_INFINITY
  /** Only a few are let in, to see what they take. */
  #asksAlone = false
  #since: number
  #ended = 0
  #took = 0
  #late = 0
  #refused = 0
  #most = 0

  constructor(settings: Partial<AdmissionSettings> = {}, now = performance.now()) {
    this.settings = { ...ADMISSION, ...settings }
    this.#limit = this.#fitting
    this.#since = now
  }

  /** For so many milliseconds nothing is read of a connection on which a call was refused: it would be refused most likely, too. */
  get rest(): number {
    return this.#rest
  }

  /** Calls that may be under way. */
  get limit(): number {
    return this.#limit
  }

  get underWay(): number {
    return this.#underWay
  }

  /** May a call begin now? One that may has to leave. */
  enter(now: number): boolean {
    if (now - this.#since >= WINDOW_MS) this.#look(now)
    if (this.#underWay >= this.#limit) {
      this.#refused++
      return false
    }
    this.#underWay++
    if (this.#underWay > this.#most) this.#most = this.#underWay
    return true
  }

  /**
   * @param took milliseconds since the call entered; `too_late` where it waited for too long to be begun; undefined where what it took tells
   *   nothing of the service, since nothing was done for it
   */
  leave(took: number | 'too_late' | undefined): void {
    this.#underWay--
    if (took === undefined) return
    if (took === 'too_late') {
      this.#late++
      return
    }
    this.#ended++
    this.#took += took
  }

  get #fitting(): number {
    const { longestWait, least, most } = this.settings
    return Math.max(least, Math.min(most, Math.round((this.#rate * (this.#alone + longestWait / 3)) / 1_000)))
  }

  #look(now: number): void {
    const elapsed = now - this.#since
    if (this.#ended + this.#late < ENOUGH && elapsed < LONGEST_WINDOW_MS) return
    const { least } = this.settings
    const mean = this.#ended > 0 ? this.#took / this.#ended : elapsed
    if (this.#ended > 0) this.#learnAlone(mean, now)
    if (this.#most > least || this.#refused > 0) this.#judge(mean, elapsed, now)
    this.#limit = this.#asksAlone ? least : this.#fitting
    this.#rest = Math.min(MOST_REST_MS, (REST_MS * (this.#refused + this.#late)) / Math.max(1, this.#ended))
    this.#since = now
    this.#ended = 0
    this.#took = 0
    this.#late = 0
    this.#refused = 0
    this.#most = this.#underWay
  }

  #judge(mean: number, elapsed: number, now: number): void {
    const rate = (this.#ended / elapsed) * 1_000
    if (this.#late > 0 || mean > this.#alone + this.settings.longestWait / 3) {
      this.#rate = Math.max(rate, this.#rate / 2)
      if (now - this.#aloneAt > ALONE_HOLDS_MS) this.#asksAlone = true
    } else if (this.#refused > 0) {
      this.#rate = Math.max(rate, this.#rate * Math.min(2, RAISE ** (elapsed / WINDOW_MS)))
    } else this.#rate = Math.max(rate, this.#rate)
  }

  #learnAlone(mean: number, now: number): void {
    const seen = Math.min(mean, MOST_ALONE_MS)
    if (this.#most > this.settings.least) {
      this.#alone = Math.min(this.#alone, seen)
      return
    }
    const isNew = this.#aloneAt === Number.NEGATIVE_INFINITY
    this.#alone = isNew ? seen : Math.min(seen, this.#alone + (seen - this.#alone) / WINDOWS_ALONE)
    this.#aloneAt = now
    this.#asksAlone = false
  }
}
