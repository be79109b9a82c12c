import type { PassContext } from '@tract/contract'
import { type ReactNode, useId } from 'react'
import { ContextFacts } from './context-facts.js'
import './context.css'

/** A context on a thread, under who was told it. */
export function ContextPanel({
  title,
  context,
  children,
}: {
  title: string
  context?: PassContext | undefined
  children?: ReactNode
}) {
  const id = useId()
  return (
    <section className="card context-panel" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
      {context && <ContextFacts context={context} />}
    </section>
  )
}
