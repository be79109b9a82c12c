import type { ViewProps } from '../../app/view-props.js'
import { ListenerList } from './list/listener-list.js'
import { ListenerPage } from './listener/listener-page.js'
import './listeners.css'

/** All listeners with how they are, or the one that the path names. */
export default function ListenersView({ organisationId, rest }: ViewProps) {
  const [listenerId] = rest
  if (listenerId === undefined) return <ListenerList organisationId={organisationId} />
  return <ListenerPage key={listenerId} organisationId={organisationId} listenerId={listenerId} />
}
