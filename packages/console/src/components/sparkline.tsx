import './sparkline.css'

const WIDTH = 120
const HEIGHT = 24
const EDGE = 2

interface SparklineProps {
  /** Read instead of the line by who cannot see it. */
  label: string
  values: readonly number[]
  tone?: 'accent' | 'bad'
}

/** How a figure went, in a line as wide as a word. The largest value is at the top, zero at the bottom. */
export function Sparkline({ label, values, tone = 'accent' }: SparklineProps) {
  const most = Math.max(1, ...values)
  const step = (WIDTH - 2 * EDGE) / Math.max(1, values.length - 1)
  const points = values.map((value, at) => {
    const height = HEIGHT - EDGE - (value / most) * (HEIGHT - 2 * EDGE)
    return `${(EDGE + at * step).toFixed(1)},${height.toFixed(1)}`
  })
  return (
    <svg
      className={`sparkline sparkline-${tone}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      <title>{label}</title>
      <polyline points={points.join(' ')} />
    </svg>
  )
}
