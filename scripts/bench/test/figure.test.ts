import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { atLeast, atMost, figure, measured } from '../figure.js'
import { alternate, median, percentile, rounded } from '../measure.js'
import { HEADLINES, json, page, publish, table } from '../page.js'

const of = (...values: number[]) => measured(values, (value) => value)

describe('measuring', () => {
  test('the contenders take turns, and the round that warms up does not count', async () => {
    const turns: string[] = []
    const run = (name: string) => async (round: number) => {
      turns.push(`${name}${round}`)
      return round === 0 ? 1_000 : round
    }
    const { subject, limit } = await alternate({ subject: run('s'), limit: run('l') }, 2)
    expect(turns).toEqual(['s0', 'l0', 's1', 'l1', 's2', 'l2'])
    expect(subject).toEqual({ median: 1.5, values: [1, 2] })
    expect(limit).toEqual({ median: 1.5, values: [1, 2] })
  })

  test.each([
    { values: [3, 1, 2], percent: 50, want: 2 },
    { values: [4, 1, 2, 3], percent: 50, want: 2.5 },
    { values: Array.from({ length: 100 }, (_, index) => index), percent: 99, want: 99 },
    { values: [7], percent: 99, want: 7 },
  ])('percentile $percent of $values.length values is $want', ({ values, percent, want }) => {
    expect(percentile(values, percent)).toBe(want)
  })

  test('nothing measured is no figure', () => {
    expect(median([])).toBeNaN()
  })

  test.each([
    { value: 12_345.6, want: 12_300 },
    { value: 0.123456, want: 0.123 },
    { value: 999, want: 999 },
  ])('$value is shown as $want', ({ value, want }) => {
    expect(rounded(value)).toBe(want)
  })
})

describe('a figure', () => {
  test('is the ratio of the medians, and tells the extremes of single rounds', () => {
    const made = figure({ name: 'f', unit: '/s', subject: of(8, 10, 9), limit: of(10, 10, 18), bar: atLeast(0.9) })
    expect(made).toEqual({
      name: 'f',
      value: 9,
      unit: '/s',
      limit: 10,
      ratio: 0.9,
      bar: 'ratio >= 0.9',
      met: true,
      spread: [0.5, 1],
    })
  })

  test('of pairs is the median of their ratios: what disturbed both does not count', () => {
    const [subject, limit] = [of(9, 2, 8), of(10, 2, 10)]
    expect(figure({ name: 'f', unit: '/s', subject, limit }).ratio).toBe(0.8)
    expect(figure({ name: 'f', unit: '/s', subject, limit, isPaired: true }).ratio).toBe(0.9)
  })

  test.each([
    { subject: [12], limit: [10], bar: atMost(1.2), met: true },
    { subject: [998], limit: [1_000], bar: atLeast(1), met: true },
    { subject: [994], limit: [1_000], bar: atLeast(1), met: false },
    { subject: [13], limit: [10], bar: atMost(1.2), met: false },
    { subject: [13], limit: undefined, bar: atMost(10, 'value'), met: false },
    { subject: [9], limit: [1], bar: atMost(10, 'value'), met: true },
    { subject: [9], limit: [1], bar: undefined, met: null },
  ])('$subject against $limit is held to $bar', ({ subject, limit, bar, met }) => {
    const options = {
      name: 'f',
      unit: 'ms',
      subject: of(...subject),
      ...(limit && { limit: of(...limit) }),
      ...(bar && { bar }),
    }
    expect(figure(options).met).toBe(met)
  })

  test('goes to programs with the agreed fields, and to people with what was missed', () => {
    const missed = figure({ name: 'slow', unit: '/s', subject: of(1), limit: of(2), bar: atLeast(0.9) })
    const figures = [missed, figure({ name: 'plain', unit: 'ms', subject: of(3) })]
    expect(JSON.parse(json(figures))).toEqual([
      { name: 'slow', value: 1, unit: '/s', limit: 2, ratio: 0.5, bar: 'ratio >= 0.9', met: false },
      { name: 'plain', value: 3, unit: 'ms', limit: null, ratio: null, bar: null, met: null },
    ])
    expect(table(figures, ['a note'])).toMatch(/slow .*missed\nplain .*\n\na note\n0 of 1 bars met\./)
  })
})

describe('the page', () => {
  const sets = ['call', 'growth'].map((name) => ({ name, about: `What ${name} measures.`, run: async () => [] }))
  const measurement = (set: string, names: readonly string[], value: number) => ({
    set,
    about: 'What it measures.',
    measured: '2026-11-29',
    machine: 'a machine',
    figures: names.map((name) => figure({ name, unit: '/s', subject: of(value), limit: of(2), bar: atLeast(0.9) })),
    notes: ['a note'],
  })
  const names = HEADLINES.map(([name]) => name)

  test('begins with ten figures, each with its bar and what it means', () => {
    const lines = page(sets, [measurement('call', names, 1)]).split('\n')
    for (const [index, [, means, limit]] of HEADLINES.entries())
      expect(lines[index + 4]).toBe(`| ${means} | 1 /s | 2 /s, ${limit} | 0.50 | ≥ 0.9, missed | \`call\` |`)
    expect(lines.slice(13, 15)).toEqual([expect.stringContaining('`call`'), ''])
  })

  test('keeps the figures of the sets that were not measured again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tract-bench-test-'))
    try {
      await publish(folder, sets, [measurement('call', names.slice(0, 1), 1), measurement('growth', ['grown'], 1)])
      await publish(folder, sets, [measurement('call', names.slice(0, 1), 2)])
      const all = JSON.parse(await readFile(join(folder, 'benchmarks.json'), 'utf8'))
      const found = all.map((one: { set: string; figures: { value: number }[] }) => [one.set, one.figures[0]?.value])
      expect(found).toEqual([
        ['call', 2],
        ['growth', 1],
      ])
      const text = await readFile(join(folder, 'benchmarks.md'), 'utf8')
      expect(text).toContain('| 2 /s | 2 /s, Fastify, checking nothing | 1.00 | ≥ 0.9, met | `call` |')
      expect(text).toContain('| not measured |')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
