import type { Listener } from '@tract/contract'
import { useState } from 'react'
import { useAnswer } from '../../api/use-answer.js'
import { Button } from '../../components/button.js'
import { RegisterDialog } from '../listeners/hooks/register-dialog.js'

interface AnswersHookProps {
  organisationId: string
  /** Message delivery. */
  delivery: Listener
}

/** The way back to the user: without a hook of message delivery, what a desk says arrives nowhere. */
export function AnswersHook({ organisationId, delivery }: AnswersHookProps) {
  const [asked, setAsked] = useState(false)
  const actFor = `${organisationId}/${delivery.listener_id}`
  const { data, reload } = useAnswer('listHooks', delivery.enabled ? {} : undefined, { actFor })
  if (!data || data.hooks.length > 0) return null
  return (
    <>
      <Button onClick={() => setAsked(true)}>Register message delivery’s hook…</Button>
      <span className="hint">Message delivery has no hook: what is answered does not reach the user.</span>
      {asked && (
        <RegisterDialog
          listener={delivery}
          hooks={data.hooks}
          actFor={actFor}
          onRegistered={reload}
          onClose={() => setAsked(false)}
        />
      )}
    </>
  )
}
