import * as Ariakit from '@ariakit/react'
import type { ReactNode } from 'react'
import { Name } from './name.js'

interface DialogProps {
  open: boolean
  onClose: () => void
  title: string
  children: ReactNode
  wide?: boolean
  /** It shows what is shown only once: a click beside it does not close it. */
  keep?: boolean
}

/** Keeps the focus within, gives it back, and closes at Escape. */
export function Dialog({ open, onClose, title, children, wide = false, keep = false }: DialogProps) {
  return (
    <Ariakit.Dialog
      open={open}
      onClose={onClose}
      unmountOnHide
      hideOnInteractOutside={!keep}
      className={wide ? 'dialog dialog-wide' : 'dialog'}
      backdrop={<div className="backdrop" />}
    >
      <header className="dialog-head">
        <Ariakit.DialogHeading className="dialog-title">
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
