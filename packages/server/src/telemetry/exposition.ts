import type { Histogram } from './instruments.js'

export type Labels = Readonly<Record<string, string | number>>

/** Prometheus' text format, version 0.0.4. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Writes metrics down for Prometheus. */
export class Exposition {
  #text = ''

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
    const written = Object.entries(labels).map(([label, text]) => `${label}="${escaped(String(text))}"`)
    this.#text += `${name}${written.length > 0 ? `{${written.join(',')}}` : ''} ${value}\n`
  }
}

const escaped = (text: string) => text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')
