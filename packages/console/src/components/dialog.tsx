import * as Ariakit from '@ariakit/react'
import { type ReactNode, useCallback, useEffect, useRef } from 'react'
import { keepInSight } from '../session/session.js'
import { Name } from './name.js'

interface DialogProps {
  open: boolean
  onClose: () => void
  title: string
  children: ReactNode
  wide?: boolean
  /** It shows what is shown only once: neither Escape, nor a click beside it, nor the end of the session closes it. */
  keep?: boolean
}

/** What a person writes in or chooses from. A tick is none: who types a space at once would set it. */
const FIELDS = 'input:not([type="checkbox"], [type="radio"], [type="file"], :disabled), select, textarea'

/** Keeps the focus within, gives it back, and closes at Escape. At first its first field has the focus; where there is none, its heading. */
export function Dialog({ open, onClose, title, children, wide = false, keep = false }: DialogProps) {
  const first = useRef<HTMLElement>(null)
  const findFirst = useCallback((dialog: HTMLDivElement | null) => {
    const fields = [...(dialog?.querySelectorAll<HTMLElement>(FIELDS) ?? [])]
    // those of a fold that is closed are not seen
    const field = fields.find((each) => each.closest('details:not([open])') === null)
    first.current = field ?? dialog?.querySelector<HTMLElement>('.dialog-title') ?? null
  }, [])
  useEffect(() => (open && keep ? keepInSight() : undefined), [open, keep])
  return (
    <Ariakit.Dialog
      ref={findFirst}
      open={open}
      onClose={onClose}
      unmountOnHide
      initialFocus={first}
      hideOnEscape={!keep}
      hideOnInteractOutside={!keep}
      className={wide ? 'dialog dialog-wide' : 'dialog'}
      backdrop={<div className="backdrop" />}
    >
      <header className="dialog-head">
        <Ariakit.DialogHeading className="dialog-title" tabIndex={-1}>
          <Name>{title}</Name>
        </Ariakit.DialogHeading>
        <Ariakit.DialogDismiss className="button button-plain button-icon" aria-label="Close">
          ×
        </Ariakit.DialogDismiss>
      </header>
      {children}
    </Ariakit.Dialog>
  )
}
