import type { ViewProps } from '../../app/view-props.js'
import { ThreadList } from './list/thread-list.js'
import { ThreadPage } from './thread-page.js'
import './threads.css'

/** The list, or the thread of the user that the path names. */
export default function ThreadsView({ organisationId, rest }: ViewProps) {
  const [userId] = rest
  return userId === undefined ? (
    <ThreadList organisationId={organisationId} />
  ) : (
    <ThreadPage key={userId} organisationId={organisationId} userId={userId} />
  )
}
