import type { Histogram } from './instruments.js'

export type Labels = Readonly<Record<string, string | number>>

/** Prometheus' text format, version 0.0.4. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Writes metrics down for Prometheus. */
export class Exposition {
  readonly #common: Labels
  #text = ''

  /** @param common labels of every sample */
  constructor(common: Labels = {}) {
    this.#common = common
  }

  counter(name: string, help: string, values: Iterable<readonly [labels: Labels, value: number]>): this {
    return this.#family(name, 'counter', help, values)
  }

  gauge(name: string, help: string, values: Iterable<readonly [labels: Labels, value: number]>): this {
    return this.#family(name, 'gauge', help, values)
  }

  histogram(name: string, help: string, values: Iterable<readonly [labels: Labels, value: Histogram]>): this {
    this.#head(name, 'histogram', help)
    for (const [labels, { bounds, counts, sum }] of values) {
      let below = 0
      for (const [place, count] of counts.entries()) {
        below += count
        this.#sample(`${name}_bucket`, { ...labels, le: bounds[place] ?? '+Inf' }, below)
      }
      this.#sample(`${name}_sum`, labels, sum)
      this.#sample(`${name}_count`, labels, below)
    }
    return this
  }

  toString(): string {
    return this.#text
  }

  #family(name: string, type: string, help: string, values: Iterable<readonly [Labels, number]>): this {
    this.#head(name, type, help)
    for (const [labels, value] of values) this.#sample(name, labels, value)
    return this
  }

  #head(name: string, type: string, help: string): void {
    this.#text += `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}\n`
  }

  #sample(name: string, labels: Labels, value: number): void {
    const written = Object.entries({ ...this.#common, ...labels }).map(
      ([label, text]) => `${label}="${escaped(String(text))}"`,
    )
    this.#text += `${name}${written.length > 0 ? `{${written.join(',')}}` : ''} ${value}\n`
  }
}

/** A metric's two lines of introduction, and its samples. */
const FAMILY = /^(# HELP [^\n]*\n# TYPE [^\n]*\n)(.*)$/s

/** The pages of several processes as one: the samples of a metric stand together. */
export function mergedPages(pages: readonly string[]): string {
  const samples = new Map<string, string>()
  for (const family of pages.flatMap((page) => page.split(/^(?=# HELP )/m))) {
    const [, head = '', itsSamples = ''] = FAMILY.exec(family) ?? []
    samples.set(head, (samples.get(head) ?? '') + itsSamples)
  }
  return [...samples].map((family) => family.join('')).join('')
}

const escaped = (text: string) => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
