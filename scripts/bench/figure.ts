/** What a benchmark finds, and the bar that it is held to. */
import { type Measured, median } from './measure.js'

export interface Figure {
  name: string
  value: number
  unit: string
  /** What the value is held against, measured in the same run; null where there is no limit. */
  limit: number | null
  /** value ÷ limit; of pairs, the median of theirs. */
  ratio: number | null
  /** What has to hold of the ratio or the value; null where nothing has to. */
  bar: string | null
  met: boolean | null
  /** The lowest and highest ratio of one round; without a limit, the lowest and highest value. */
  spread: [number, number]
}

export interface Bar {
  of: 'ratio' | 'value'
  is: '>=' | '<='
  bound: number
}

export const atLeast = (bound: number): Bar => ({ of: 'ratio', is: '>=', bound })
export const atMost = (bound: number, of: Bar['of'] = 'ratio'): Bar => ({ of, is: '<=', bound })

export interface FigureOptions {
  name: string
  unit: string
  subject: Measured
  limit?: Measured
  /** Each value was measured right beside its limit's: what disturbs both is in neither's ratio. */
  isPaired?: boolean
  bar?: Bar
}

export function figure({ name, unit, subject, limit, isPaired = false, bar }: FigureOptions): Figure {
  const value = subject.median
  const rounds =
    limit === undefined ? subject.values : subject.values.map((one, round) => one / (limit.values[round] ?? Number.NaN))
  const ratio = limit === undefined ? null : isPaired ? median(rounds) : value / limit.median
  // Judged as it is shown: 0.998 is shown as 1.00.
  const judged = bar?.of === 'value' ? value : ratio && Number(ratio.toFixed(2))
  return {
    name,
    value,
    unit,
    limit: limit?.median ?? null,
    ratio,
    bar: bar === undefined ? null : `${bar.of} ${bar.is} ${bar.bound}`,
    met: bar === undefined || judged === null ? null : bar.is === '>=' ? judged >= bar.bound : judged <= bar.bound,
    spread: [Math.min(...rounds), Math.max(...rounds)],
  }
}

/** The same measure of every round's result. */
export function measured<Result>(results: readonly Result[], take: (result: Result) => number): Measured {
  const values = results.map(take)
  return { median: median(values), values }
}
