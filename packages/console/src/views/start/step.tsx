import type { ReactNode } from 'react'
import './start.css'

export const LISTENERS_ABOUT =
  'Message delivery brings what users write. An assistant answers first, and a desk takes over: make both to see control pass.'

interface StepProps {
  number: number
  done: boolean
  title: string
  about: ReactNode
  children: ReactNode
}

/** One of the first steps: what it is for, and what leads on. */
export function Step({ number, done, title, about, children }: StepProps) {
  return (
    <li className={done ? 'card step step-done' : 'card step'}>
      <span className="step-number" aria-hidden="true">
        {done ? '✓' : number}
      </span>
      <div className="stack">
        <h2>
          {title} {done && <span className="unseen">(done)</span>}
        </h2>
        <p>{about}</p>
        <div className="row">{children}</div>
      </div>
    </li>
  )
}
