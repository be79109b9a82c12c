import type { Answer } from '../../../api/call.js'
import { Time } from '../../../time/time.js'
import { indented } from '../indented.js'

/** The first of what would be sent, with where it goes and its body. */
export function ReplayPreview({ preview: { deliveries, matched } }: { preview: Answer<'previewReplay'> }) {
  return (
    <>
      {deliveries.length < matched && <p className="hint">The first {deliveries.length} are:</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls has to be reached by keyboard */}
      <ol className="preview" tabIndex={0} aria-label="What would be sent">
        {deliveries.map(({ delivery, url, body }) => (
          <li key={delivery.id}>
            <details open={deliveries.length === 1}>
              <summary>
                {delivery.category}/{delivery.subcategory} of {delivery.user_id}, number {delivery.sequence} in its
                lane, <Time value={delivery.created_at} still />
              </summary>
              <p className="hint">{url === undefined ? 'Its hook is not registered any more.' : `POST ${url}`}</p>
              <pre>{indented(body)}</pre>
            </details>
          </li>
        ))}
      </ol>
    </>
  )
}
