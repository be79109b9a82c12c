/** Arrow keys in a table of many links, buttons and times: the tab key comes to one of them, not to a hundred. */
import { type FocusEvent, type KeyboardEvent, type RefObject, useLayoutEffect, useRef, useState } from 'react'

/** As many stops as a person passes by tab without losing patience. */
const MOST_STOPS = 16
const CONTROLS = 'a[href], button, summary, time[tabindex]'

const controlsIn = (element: Element): HTMLElement[] => [...element.querySelectorAll<HTMLElement>(CONTROLS)]

export function useTableKeys(body: RefObject<HTMLTableSectionElement | null>) {
  const [isOneStop, setIsOneStop] = useState(false)
  const current = useRef<HTMLElement>(null)

  // after every render: rows come and go, and what they hold is not this component's
  useLayoutEffect(() => {
    const controls = body.current ? controlsIn(body.current) : []
    const many = controls.length > MOST_STOPS
    setIsOneStop(many)
    const stop = controls.find((control) => control === current.current) ?? controls[0]
    for (const control of controls) {
      if (many && control !== stop) control.tabIndex = -1
      else if (control.tabIndex === -1) control.tabIndex = 0
    }
  })

  const onFocus = ({ target }: FocusEvent<HTMLElement>) => {
    if (!isOneStop || !body.current || !target.matches(CONTROLS)) return
    const before = current.current ?? controlsIn(body.current)[0]
    if (before && before !== target) before.tabIndex = -1
    target.tabIndex = 0
    current.current = target
  }

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (!isOneStop || !body.current || event.altKey || event.ctrlKey || event.metaKey) return
    const from = event.target as HTMLElement
    const row = from.closest('tr')
    const steps = STEPS[event.key]
    if (!steps || !from.matches(CONTROLS) || !row || !body.current.contains(row)) return
    event.preventDefault()
    stepFrom(from, row, [...body.current.rows], steps)?.focus()
  }
  return { isOneStop, onFocus, onKeyDown }
}

interface Steps {
  rows?: number
  controls?: number
}

const STEPS: Readonly<Record<string, Steps>> = {
  ArrowDown: { rows: 1 },
  ArrowUp: { rows: -1 },
  PageDown: { rows: 10 },
  PageUp: { rows: -10 },
  Home: { rows: Number.NEGATIVE_INFINITY },
  End: { rows: Number.POSITIVE_INFINITY },
  ArrowRight: { controls: 1 },
  ArrowLeft: { controls: -1 },
}

/** The control that lies so far off, the last that there is where it is beyond. */
function stepFrom(from: HTMLElement, row: Element, all: readonly Element[], { rows = 0, controls = 0 }: Steps) {
  const filled = all.filter((each) => controlsIn(each).length > 0)
  const at = filled.indexOf(row) + rows
  const reached = controlsIn(filled[Math.max(0, Math.min(filled.length - 1, at))] ?? row)
  const column = controlsIn(row).indexOf(from) + controls
  return reached[Math.max(0, Math.min(reached.length - 1, column))]
}
