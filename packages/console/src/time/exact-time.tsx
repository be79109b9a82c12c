/**
 * The exact moment of a time on the page, while the pointer or the focus is on it: one tip for all of them. It stays while the pointer is on the tip
 * itself, so that it can be read and copied, and goes at Escape.
 */
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import './exact-time.css'
import { exactly } from './moment.js'

const ID = 'exact-time'

interface Shown {
  /** It may stand within a link, which then has the focus. */
  time: HTMLTimeElement
  holder: Element
}

/** The time that is pointed at, or the only thing that a link has. */
function timeOf(target: EventTarget | null): Shown | undefined {
  if (!(target instanceof Element)) return undefined
  const time = target.closest('time') ?? target.querySelector(':scope:is(a) > time')
  return time instanceof HTMLTimeElement ? { time, holder: time.closest('a') ?? time } : undefined
}

export function ExactTime() {
  const [shown, setShown] = useState<Shown>()
  const tip = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const leaving = new AbortController()
    const options = { signal: leaving.signal }
    const follow = ({ target }: Event) => {
      if (target instanceof Node && tip.current?.contains(target)) return
      setShown(timeOf(target))
    }
    const hide = () => setShown(undefined)
    document.addEventListener('mouseover', follow, options)
    document.addEventListener('focusin', follow, options)
    document.addEventListener('focusout', hide, options)
    document.addEventListener('scroll', hide, { ...options, capture: true })
    document.addEventListener('keydown', ({ key }) => key === 'Escape' && hide(), options)
    return () => leaving.abort()
  }, [])

  useLayoutEffect(() => {
    const { current } = tip
    if (!shown || !current) return
    const { left, top, bottom } = shown.time.getBoundingClientRect()
    const { offsetWidth: width, offsetHeight: height } = current
    const isRoom = bottom + height <= window.innerHeight
    current.style.top = `${isRoom ? bottom : Math.max(0, top - height)}px`
    current.style.left = `${Math.max(8, Math.min(left, window.innerWidth - width - 8))}px`
    shown.holder.setAttribute('aria-describedby', ID)
    return () => shown.holder.removeAttribute('aria-describedby')
  }, [shown])

  if (!shown) return null
  const { own, utc } = exactly(new Date(shown.time.dateTime))
  return (
    <div ref={tip} id={ID} role="tooltip" className="exact-time">
      {own}
      <br />
      {utc}
    </div>
  )
}
