import type { Following } from '../stream/change-stream.js'
import { Status } from './status.js'

/** Does what is shown follow what happens. */
export function Live({ following }: { following: Following }) {
  return (
    <span role="status">
      {following === 'by stream' && <Status tone="good">live</Status>}
      {following === 'by asking' && (
        <Status tone="good" title="Other windows of this browser have the streams: this one asks again and again.">
          live, every few seconds
        </Status>
      )}
      {following === 'not yet' && <Status tone="warn">connecting</Status>}
    </span>
  )
}
