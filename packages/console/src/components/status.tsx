import type { ReactNode } from 'react'

export type Tone = 'good' | 'warn' | 'bad' | 'idle' | 'info'

/** A state in a word. The colour only repeats what the word says. */
export function Status({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string | undefined }) {
  return (
    <span className={`status status-${tone}`} title={title}>
      {children}
    </span>
  )
}
