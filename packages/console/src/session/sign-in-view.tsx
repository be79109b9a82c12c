import { type FormEvent, useState } from 'react'
import { useAction } from '../api/use-action.js'
import { Button } from '../components/button.js'
import { TextField } from '../components/field.js'
import { Page } from '../components/page.js'
import { Problem } from '../components/problem.js'
import { signIn } from './session.js'

/** For an operator's client. What is entered goes to the service once and is kept nowhere. */
export function SignInView({ problem }: { problem?: unknown }) {
  const [clientId, setClientId] = useState('')
  const [clientSecret, setClientSecret] = useState('')
  const { run, busy, error } = useAction(() => signIn(clientId.trim(), clientSecret.trim()))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void run()
  }
  return (
    <main className="sign-in">
      <Page title="Sign in">
        <p className="hint">
          With the id and secret of an operator's client. The first start wrote one to <code>demo.json</code>, or to{' '}
          <code>admin.json</code> in production, in the service's data folder.
        </p>
        {!window.isSecureContext && (
          <p className="problem">
            This page came over plain http from another machine, where the console cannot stay signed in. Open it over
            https, or on the machine itself at localhost.
          </p>
        )}
        <form onSubmit={submit} className="stack">
          <TextField
            label="Client id"
            name="client_id"
            autoComplete="username"
            required
            value={clientId}
            onChange={setClientId}
          />
          <TextField
            label="Client secret"
            name="client_secret"
            type="password"
            autoComplete="current-password"
            required
            value={clientSecret}
            onChange={setClientSecret}
          />
          <Problem error={error ?? problem} />
          <Button type="submit" tone="primary" busy={busy}>
            Sign in
          </Button>
        </form>
      </Page>
    </main>
  )
}
