import type { ViewProps } from '../../app/view-props.js'
import { Page } from '../../components/page.js'

export default function ThreadsView({ organisationId }: ViewProps) {
  return <Page title="Threads">{organisationId}</Page>
}
