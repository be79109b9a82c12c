import { CallError, messageOf } from '../api/call-error.js'
import { Button } from './button.js'

/** What went wrong, in the words of the service, and the id that its log has. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (error === undefined || error === null) return null
  const call = error instanceof CallError ? error : undefined
  return (
    <div className="problem" role="alert">
      <p>{messageOf(error)}</p>
      {call?.retryAfter !== undefined && <p>Nothing was done. Try again in {call.retryAfter} s.</p>}
      {call && call.issues.length > 0 && (
        <ul>
          {call.issues.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path || '/'}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {call?.requestId && (
        <p className="hint">
          Request <code>{call.requestId}</code>
        </p>
      )}
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}
