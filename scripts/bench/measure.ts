/** The contenders take turns, so that a disturbance of the machine falls on all of them. */

/** Measures once. Round 0 warms up, and does not count. */
export type Run = (round: number) => Promise<number>

export interface Measured {
  median: number
  /** One for each round. */
  values: number[]
}

export async function alternate<Name extends string>(
  contenders: Record<Name, Run>,
  rounds: number,
): Promise<Record<Name, Measured>> {
  const names = Object.keys(contenders) as Name[]
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const value = await contenders[name](round)
      process.stderr.write(`  ${round === 0 ? 'warm-up' : `round ${round}`}  ${name}: ${rounded(value)}\n`)
      if (round > 0) values[name].push(value)
    }
  }
  return Object.fromEntries(
    names.map((name) => [name, { median: median(values[name]), values: values[name] }]),
  ) as Record<Name, Measured>
}

export const median = (values: ArrayLike<number>): number => percentile(values, 50)

/** Of an even number of values, the median is the mean of the middle two. */
export function percentile(values: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(values).sort()
  if (sorted.length === 0) return Number.NaN
  const place = (percent / 100) * sorted.length
  const upper = sorted[Math.min(Math.floor(place), sorted.length - 1)] as number
  return percent === 50 && Number.isInteger(place) ? (upper + (sorted[place - 1] as number)) / 2 : upper
}

/** To three significant digits. */
export function rounded(value: number): number {
  return Number.isInteger(value) && Math.abs(value) < 1_000 ? value : Number(value.toPrecision(3))
}
