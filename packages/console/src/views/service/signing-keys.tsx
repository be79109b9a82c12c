import type { SigningKey } from '@tract/contract'
import { useState } from 'react'
import { call } from '../../api/call.js'
import { useAction } from '../../api/use-action.js'
import { useAnswer } from '../../api/use-answer.js'
import { Button } from '../../components/button.js'
import { CheckField } from '../../components/check-field.js'
import { Dialog } from '../../components/dialog.js'
import { Problem } from '../../components/problem.js'
import { Form } from '../../forms/form.js'
import { Time } from '../../time/time.js'

/** The keys by which the service signs its tokens. */
export function SigningKeys() {
  const { data, error, reload } = useAnswer('getJwks', {})
  const [rotating, setRotating] = useState(false)
  return (
    <section className="card stack" aria-labelledby="signing-keys">
      <h2 id="signing-keys">Signing keys</h2>
      <p>
        Tokens are signed by one of these; programs that verify them read the public halves at{' '}
        <code>/tract/auth/jwks/</code>. They rotate by themselves, every 30 days unless{' '}
        <code>TRACT_KEY_ROTATION_DAYS</code> says otherwise.
      </p>
      <Problem error={error} onRetry={reload} />
      <ul className="plain-list" aria-label="Signing keys">
        {data?.keys.map(({ kid }) => (
          <li key={kid}>
            <code>{kid}</code>
          </li>
        ))}
      </ul>
      <div>
        <Button onClick={() => setRotating(true)}>Rotate…</Button>
      </div>
      {rotating && <RotateKeyDialog onRotated={reload} onClose={() => setRotating(false)} />}
    </section>
  )
}

function RotateKeyDialog({ onRotated, onClose }: { onRotated: () => void; onClose: () => void }) {
  const [immediately, setImmediately] = useState(false)
  const [key, setKey] = useState<SigningKey>()
  const { run, busy, error } = useAction(async () => {
    setKey(await call('rotateSigningKey', { body: immediately ? { immediately } : {} }))
    onRotated()
  })
  if (key) {
    return (
      <Dialog open onClose={onClose} title="Rotated">
        <p role="status">
          The key <code>{key.kid}</code> signs from <Time value={key.activates_at} exact /> on.
        </p>
        <Button onClick={onClose}>Close</Button>
      </Dialog>
    )
  }
  return (
    <Dialog open onClose={onClose} title="Rotate the signing key">
      <Form
        action={immediately ? 'Refuse all tokens, and rotate' : 'Rotate'}
        tone={immediately ? 'danger' : 'primary'}
        busy={busy}
        error={error}
        onSubmit={() => run()}
        onCancel={onClose}
      >
        <p>A new key is published first, and signs once everybody has had time to read it. No token becomes invalid.</p>
        <CheckField
          label="A key may have leaked: immediately"
          hint="The new key signs now, and every token of the old ones is refused. Clients get another one at their next call; all who are signed in here have to sign in again."
          checked={immediately}
          onChange={setImmediately}
        />
      </Form>
    </Dialog>
  )
}
