/** Counts on the hot path: adding costs some nanoseconds, since nothing is looked up or formatted before the numbers are read. */
export class Counter {
  value = 0

  add(count = 1): void {
    this.value += count
  }
}

/** How often a value was up to each bound, and their sum. */
export class Histogram {
  readonly bounds: readonly number[]
  /** Of each bound, not of those below it too; the last one is of what is above every bound. */
  readonly counts: Float64Array
  sum = 0

  /** @param bounds ascending */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    const { bounds, counts } = this
    let place = 0
    while (place < bounds.length && value > (bounds[place] as number)) place++
    counts[place] = (counts[place] as number) + 1
    this.sum += value
  }
}

/** One metric for each value of a label. The values have to be few: each is kept for good. */
export class Family<Label extends string | number, Metric> {
  readonly #make: () => Metric
  readonly #metrics = new Map<Label, Metric>()

  /** @param known those that are shown before anything has happened */
  constructor(make: () => Metric, known: readonly Label[] = []) {
    this.#make = make
    for (const label of known) this.of(label)
  }

  of(label: Label): Metric {
    let metric = this.#metrics.get(label)
    if (metric === undefined) {
      metric = this.#make()
      this.#metrics.set(label, metric)
    }
    return metric
  }

  [Symbol.iterator](): IterableIterator<[Label, Metric]> {
    return this.#metrics[Symbol.iterator]()
  }
}
