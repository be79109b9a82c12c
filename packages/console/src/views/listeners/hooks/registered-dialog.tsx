import { Button } from '../../../components/button.js'
import { Dialog } from '../../../components/dialog.js'
import { Secret } from '../../../components/secret.js'
import { nameOf } from './hook-sets.js'
import type { Registered } from './register-hooks.js'
import { SecretOnce } from './secret-once.js'

interface RegisteredDialogProps {
  registered: Registered
  /** How many of them are new. */
  fresh: number
  /** Of those that are new. */
  secret: string
  busy: boolean
  onRetry: () => void
  onClose: () => void
}

/** What was registered, with its secret, and what was not, with the reason and a way to go on. */
export function RegisteredDialog(props: RegisteredDialogProps) {
  const { fresh, secret, busy, onRetry, onClose } = props
  const { done, failed } = props.registered
  const all = done.length + failed.length
  const title =
    failed.length > 0
      ? `${done.length} of ${all} hooks are registered`
      : all === 1
        ? `${done[0]} is registered`
        : `${all} hooks are registered`
  return (
    <Dialog open onClose={onClose} title={title} keep={busy || fresh > 0 || failed.length > 0}>
      {fresh === 0 && (
        <p>{done.length === 1 ? 'It was' : 'They were'} there: the URL has changed, the secret has not.</p>
      )}
      {fresh === 1 && all === 1 && <SecretOnce secret={secret} />}
      {fresh > 0 && all > 1 && <Secret title={titleOf(fresh, done.length)} text={secret} />}
      {failed.length > 0 && (
        <div className="problem" role="alert">
          <p>Not registered:</p>
          <ul>
            {failed.map(({ hook, reason }) => (
              <li key={nameOf(hook)}>
                <code>{nameOf(hook)}</code>: {reason}
              </li>
            ))}
          </ul>
        </div>
      )}
      <div className="row">
        {failed.length > 0 && (
          <Button tone="primary" busy={busy} onClick={onRetry}>
            Try the rest again
          </Button>
        )}
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  )
}

const titleOf = (fresh: number, all: number): string =>
  fresh === all
    ? `The signing secret of all ${all}, shown this once. Keep it where the receiver reads it:`
    : `The signing secret of the ${fresh} that are new, shown this once; the others keep theirs. Keep it where the receiver reads it:`
