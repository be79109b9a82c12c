import type { History, Loss } from '../history/history.js'
import type { Clock } from './clock.js'

const TICK_MS = 100
const STANDSTILL_MS = 1_000

/** What was done in a run: counted by name, and kept where it can have lost something. */
export class FaultLog {
  readonly losses: Loss[] = []
  /** While no process ran. */
  readonly outages: History['outages'] = []
  readonly counts = new Map<string, number>()

  constructor(
    private readonly clock: Clock,
    private readonly print: (text: string) => void,
  ) {}

  /** @param where is noted, and not counted by */
  count(name: string, where = ''): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
    this.note(`${name}${where}`)
  }

  note(text: string): void {
    this.print(`${(this.clock() / 1000).toFixed(1).padStart(7)} s  ${text}`)
  }

  /**
   * Notices when the harness itself stood still, and perhaps the whole machine, which was suspended
   * or busy. That is a fault like any other. @returns what ends the watch
   */
  watchStandstills(): () => void {
    let last = this.clock()
    const timer = setInterval(() => {
      const now = this.clock()
      if (now - last > STANDSTILL_MS) {
        this.count('machine: stood still', ` for ${Math.round(now - last)} ms`)
        this.losses.push({ kind: 'process', process: null, from: last, to: now })
      }
      last = now
    }, TICK_MS)
    return () => clearInterval(timer)
  }

  /** Begins a fault. @returns what ends it */
  begin(name: string, loss: Pick<Loss, 'kind' | 'process' | 'byMs'>): () => void {
    const where = loss.process === null ? '' : ` (process ${loss.process})`
    this.count(name, where)
    const entry: Loss = { ...loss, from: this.clock(), to: Number.POSITIVE_INFINITY }
    this.losses.push(entry)
    return () => {
      entry.to = Math.min(entry.to, this.clock())
      this.note(`  end of ${name}${where}`)
    }
  }
}
