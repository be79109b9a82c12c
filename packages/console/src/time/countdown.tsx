import { useEffect, useState } from 'react'

const secondsUntil = (moment: string): number => Math.max(0, Math.ceil((Date.parse(moment) - Date.now()) / 1000))

/** How long there is until a moment, second by second. */
export function Countdown({ until }: { until: string }) {
  const [left, setLeft] = useState(() => secondsUntil(until))
  useEffect(() => {
    setLeft(secondsUntil(until))
    const timer = setInterval(() => setLeft(secondsUntil(until)), 1000)
    return () => clearInterval(timer)
  }, [until])
  const minutes = Math.floor(left / 60)
  return (
    <time role="timer" dateTime={until} className="countdown">
      {minutes > 0 ? `${minutes} min ${left % 60} s` : `${left} s`}
    </time>
  )
}
