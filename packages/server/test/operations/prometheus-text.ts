/** Reads Prometheus' text format as strictly as its description is, and holds metrics to what follows from their types. */

export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface Family {
  name: string
  type: string
  help: string
  samples: Sample[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|Inf)|NaN|\\+Inf)$`)

/** @throws {Error} naming the first line that is wrong */
export function parseMetrics(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const families = new Map<string, Family>()
  let current: Family | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const [, help, helpText] = new RegExp(`^# HELP (${NAME}) (.+)$`).exec(line) ?? []
    const [, typed, type] = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`).exec(line) ?? []
    if (help && helpText) {
      if (families.has(help)) throw new Error(`a second HELP: ${line}`)
      current = { name: help, type: '', help: helpText, samples: [] }
      families.set(help, current)
    } else if (typed && type) {
      if (current?.name !== typed || current.type !== '') throw new Error(`a TYPE out of place: ${line}`)
      current.type = type
    } else current?.samples.push(sampleOf(line, current))
  }
  for (const family of families.values()) check(family)
  return families
}

function sampleOf(line: string, family: Family): Sample {
  const [, name, labels = '', value] = SAMPLE.exec(line) ?? []
  if (!name || !value) throw new Error(`no sample: ${line}`)
  const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
  if (!suffixes.some((suffix) => name === family.name + suffix)) throw new Error(`not of ${family.name}: ${line}`)
  return { name, labels: labelsOf(labels, line), value: Number(value.replace('Inf', 'Infinity')) }
}

function labelsOf(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? []
    if (name === undefined || value === undefined || name in labels) throw new Error(`wrong labels: ${line}`)
    labels[name] = value
  }
  return labels
}

function check({ name, type, samples }: Family): void {
  const series = samples.map((sample) => sample.name + JSON.stringify(sample.labels))
  if (new Set(series).size !== series.length) throw new Error(`${name} has a series twice`)
  if (type === 'counter' && !name.endsWith('_total')) throw new Error(`${name} is a counter and does not say so`)
  if (type !== 'histogram') return
  let below = 0
  for (const { name: part, labels, value } of samples) {
    if (part.endsWith('_bucket')) {
      if (value < below) throw new Error(`${name} falls at ${JSON.stringify(labels)}`)
      below = value
    } else if (part.endsWith('_count')) {
      if (value !== below) throw new Error(`${name} counts ${value}, and ${below} up to infinity`)
      below = 0
    }
  }
}
