import type { ViewProps } from '../../app/view-props.js'
import { DeliveryPage } from './delivery/delivery-page.js'
import { DeliveryList } from './list/delivery-list.js'
import './deliveries.css'

/** The search, or the delivery that the path names: `deliveries/<listener_id>/<delivery_id>`. */
export default function DeliveriesView({ organisationId, rest }: ViewProps) {
  const [listenerId, id] = rest
  if (listenerId === undefined || id === undefined) return <DeliveryList organisationId={organisationId} />
  return <DeliveryPage key={id} organisationId={organisationId} listenerId={listenerId} id={id} />
}
