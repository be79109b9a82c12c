import type { DeliveryRequest } from '@tract/contract'
import { Fragment } from 'react'
import { indented } from '../indented.js'

/** What is posted, with the headers that a receiver verifies it by. */
export function RequestDetails({ request: { url, headers, body } }: { request: DeliveryRequest }) {
  const names = Object.keys(headers).sort()
  return (
    <section className="stack" aria-labelledby="request">
      <h2 id="request">Request</h2>
      <p>
        {url === undefined ? (
          'Its hook is not registered any more.'
        ) : (
          <>
            POST <code>{url}</code>
          </>
        )}
      </p>
      <dl className="headers-list">
        {names.map((name) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{headers[name]}</dd>
          </Fragment>
        ))}
      </dl>
      <p className="hint">
        {headers['webhook-signature'] === undefined
          ? 'It has no signature until it is tried.'
          : 'Signatures are not kept: this one is of the last attempt, made again with the secrets that the hook has now.'}
      </p>
      <pre>{indented(body)}</pre>
    </section>
  )
}
