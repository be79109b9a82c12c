import { Status } from './status.js'

/** Does what is shown follow what happens. */
export function Live({ connected }: { connected: boolean }) {
  return (
    <span role="status">{connected ? <Status tone="good">live</Status> : <Status tone="warn">connecting</Status>}</span>
  )
}
