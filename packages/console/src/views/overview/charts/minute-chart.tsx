import type { OverviewMinute } from '@tract/contract'
import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useScheme } from '../../../theme/use-scheme.js'
import { colourOf } from './colour-of.js'

const HEIGHT = 240

const SERIES = [
  { name: 'accepted', label: 'Accepted' },
  { name: 'delivered', label: 'Delivered' },
  { name: 'failed', label: 'Failed attempts' },
] as const

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** Lines over the hour. What they say, the table beneath says too. */
export function MinuteChart({ minutes }: { minutes: readonly OverviewMinute[] }) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<UPlot>(undefined)
  const scheme = useScheme()
  const data: UPlot.AlignedData = [
    minutes.map(({ at }) => Date.parse(at) / 1000),
    ...SERIES.map(({ name }) => minutes.map((minute) => minute[name])),
  ]
  const latest = useRef(data)
  latest.current = data

  // biome-ignore lint/correctness/useExhaustiveDependencies: a canvas keeps the colours that it was drawn with
  useEffect(() => {
    const element = place.current
    if (!element) return
    const drawn = new UPlot(optionsFor(element), latest.current, element)
    chart.current = drawn
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }))
    resized.observe(element)
    return () => {
      resized.disconnect()
      drawn.destroy()
      chart.current = undefined
    }
  }, [scheme])

  useEffect(() => chart.current?.setData(data))

  return (
    <>
      <div ref={place} className="minute-chart" role="img" aria-label={summaryOf(minutes)} />
      <ul className="legend" aria-label="Lines">
        {SERIES.map(({ name, label }) => (
          <li key={name} className={`series-${name}`}>
            <span>{label}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

function summaryOf(minutes: readonly OverviewMinute[]): string {
  const most = SERIES.map(
    ({ name, label }) => `${label.toLowerCase()} ${Math.max(...minutes.map((each) => each[name]))}`,
  )
  return `Deliveries a minute; at most: ${most.join(', ')}`
}

function optionsFor(element: HTMLElement): UPlot.Options {
  const axis = {
    stroke: colourOf(element, 'series-axis'),
    grid: { stroke: colourOf(element, 'series-grid'), width: 1 },
  }
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, Math.max(5, most * 1.1)] } },
    axes: [
      { ...axis, values: (_, times) => times.map((time) => clock.format(time * 1000)) },
      { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000] },
    ],
    series: [
      {},
      ...SERIES.map(({ name, label }) => ({
        label,
        stroke: colourOf(element, `series-${name}`),
        width: 2,
        points: { show: false },
      })),
    ],
  }
}
