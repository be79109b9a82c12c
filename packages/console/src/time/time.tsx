import { useSyncExternalStore } from 'react'

const TICK_MS = 10_000
const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

/** One timer for every time on the page. */
function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now()
    timer = setInterval(() => {
      now = Date.now()
      for (const each of listeners) each()
    }, TICK_MS)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) clearInterval(timer)
  }
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

function ago(ms: number): string {
  const seconds = Math.round(ms / 1000)
  for (const [unit, size] of STEPS)
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit)
  return Math.abs(seconds) < 10 ? 'just now' : relative.format(seconds, 'second')
}

/** The clock's time, after the day where that is not today. */
function moment(date: Date, present: number): string {
  const isToday = date.toDateString() === new Date(present).toDateString()
  return isToday ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`
}

interface TimeProps {
  value: string
  /** The clock's time in place of how long ago. */
  exact?: boolean
  /** No stop of its own for the tab key: it stands within a link, or in a list of many that opens each. */
  still?: boolean
}

/** A moment: how long ago, or the clock's time. `ExactTime` shows the whole of it to who points at it, or has the focus there. */
export function Time({ value, exact = false, still = false }: TimeProps) {
  const present = useSyncExternalStore(subscribe, () => now)
  const date = new Date(value)
  if (Number.isNaN(date.getTime())) return null
  return (
    <time dateTime={value} tabIndex={still ? undefined : 0}>
      {exact ? moment(date, present) : ago(date.getTime() - present)}
    </time>
  )
}

/** `1 h 5 min`, and `1 h` for the even hour. */
const inTwo = (small: number, size: number, large: string, unit: string): string =>
  [`${Math.floor(small / size)} ${large}`, ...(small % size > 0 ? [`${small % size} ${unit}`] : [])].join(' ')

/** A span, in the largest units that say enough. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  const seconds = ms / 1_000
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  if (seconds < 3_600) return inTwo(Math.round(seconds), 60, 'min', 's')
  if (seconds < 172_800) return inTwo(Math.round(seconds / 60), 60, 'h', 'min')
  return `${Math.round(seconds / 86_400)} days`
}
