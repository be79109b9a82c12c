import { type ReactNode, useEffect, useRef } from 'react'
import { visible } from '../jsx/visible.js'
import { isFocusLeft } from '../router/location.js'
import { Name } from './name.js'

interface PageProps {
  title: string
  /** A state of what the page is about, beside its title. */
  badge?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/**
 * A view's frame: its heading gets the focus when the view opens, so that a keyboard and a screen reader start there. A view may take its time,
 * and a user who has moved the focus since is left there.
 */
export function Page({ title, badge, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = visible(`${title} · TRACT`)
  }, [title])
  useEffect(() => {
    if (isFocusLeft()) heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <>
      <header className="page-head">
        <div className="row">
          <h1 ref={heading} tabIndex={-1}>
            <Name>{title}</Name>
          </h1>
          {badge}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </>
  )
}
