import * as Ariakit from '@ariakit/react'

export interface ButtonProps extends Ariakit.ButtonProps {
  tone?: 'plain' | 'primary' | 'danger'
  /** What it set off is not done: it stays where it is, and cannot be pressed. */
  busy?: boolean
}

export function Button({ tone = 'plain', busy = false, disabled = false, className = '', ...props }: ButtonProps) {
  return (
    <Ariakit.Button
      className={`button button-${tone} ${className}`}
      disabled={disabled || busy}
      accessibleWhenDisabled
      aria-busy={busy || undefined}
      {...props}
    />
  )
}
