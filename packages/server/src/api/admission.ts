/**
 * Lets in as many calls as can be answered in time, and refuses the others before anything is done for them.
 *
 * Calls that are under way wait for one another, wherever that is: in the event loop, for the acceptor, for a connection, in the database.
 * How long they wait follows from how many there are and how many end in a second (Little's law), so the number that may be under way is
 * that rate times the time that they may take. Rate and time are looked at in windows:
 *
 * - Calls took too long, or none ended though some are under way: the rate is what was seen, at most halved at a look.
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
  /** … and so many at most, which is where it begins, with no rate known. */
  most: number
}

const ADMISSION: AdmissionSettings = { longestWait: 600, least: 16, most: 2_000 }

/** A window is looked at after so many milliseconds, if enough calls have ended in it to tell, and after the second whatever has. */
const WINDOW_MS = 100
const LONGEST_WINDOW_MS = 1_000
const ENOUGH = 20
/** What a call takes alone is told by so many of the last windows, mostly; a shorter time counts at once. */
const WINDOWS_ALONE = 4
/** Where few are never under way, it is looked at again after this, by letting in a few only: a database may be slow, or far. */
const ALONE_HOLDS_MS = 60_000
/** However slow the database is by itself, more than this is a queue. */
const MOST_ALONE_MS = 2_000
/** In a window's time: twice as many in 0.8 seconds. */
const RAISE = 1.1

export class Admission {
  readonly settings: AdmissionSettings
  #limit: number
  #underWay = 0
  /** Calls a second. */
  #rate = Number.POSITIVE_INFINITY
  #alone = 0
  #aloneAt = Number.NEGATIVE_INFINITY
  /** Only a few are let in, to see what they take. */
  #asksAlone = false
  #since: number
  #ended = 0
  #took = 0
  #refused = 0
  #most = 0

  constructor(settings: Partial<AdmissionSettings> = {}, now = performance.now()) {
    this.settings = { ...ADMISSION, ...settings }
    this.#limit = this.settings.most
    this.#since = now
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

  /** @param took milliseconds since the call entered; undefined where that tells nothing of the service, since nothing was done for it */
  leave(took: number | undefined): void {
    this.#underWay--
    if (took === undefined) return
    this.#ended++
    this.#took += took
  }

  #look(now: number): void {
    const elapsed = now - this.#since
    if (this.#ended < ENOUGH && elapsed < LONGEST_WINDOW_MS) return
    const { longestWait, least, most } = this.settings
    const rate = (this.#ended / elapsed) * 1_000
    if (this.#most <= least && this.#ended > 0) this.#learnAlone(this.#took / this.#ended, now)
    if (this.#most > least || this.#refused > 0) this.#judge(rate, elapsed, now)
    const fitting = (this.#rate * (this.#alone + longestWait / 3)) / 1_000
    this.#limit = this.#asksAlone ? least : Math.max(least, Math.min(most, Math.round(fitting)))
    this.#since = now
    this.#ended = 0
    this.#took = 0
    this.#refused = 0
    this.#most = this.#underWay
  }

  #judge(rate: number, elapsed: number, now: number): void {
    const mean = this.#ended > 0 ? this.#took / this.#ended : elapsed
    const isKnown = this.#rate !== Number.POSITIVE_INFINITY
    if (mean > this.#alone + this.settings.longestWait / 3) {
      this.#rate = isKnown ? Math.max(rate, this.#rate / 2) : rate
      if (now - this.#aloneAt > ALONE_HOLDS_MS) this.#asksAlone = true
    } else if (this.#refused > 0) {
      this.#rate = Math.max(rate, this.#rate * Math.min(2, RAISE ** (elapsed / WINDOW_MS)))
    } else if (isKnown) this.#rate = Math.max(rate, this.#rate)
  }

  #learnAlone(mean: number, now: number): void {
    const seen = Math.min(mean, MOST_ALONE_MS)
    const isNew = this.#asksAlone || this.#aloneAt === Number.NEGATIVE_INFINITY
    this.#alone = isNew ? seen : Math.min(seen, this.#alone + (seen - this.#alone) / WINDOWS_ALONE)
    this.#aloneAt = now
    this.#asksAlone = false
  }
}
