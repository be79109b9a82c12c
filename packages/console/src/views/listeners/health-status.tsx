import type { DeliveryHealth } from '@tract/contract'
import { Status } from '../../components/status.js'

/** How deliveries to a listener are going, in a word: the worst that is so. */
export function HealthStatus({ health }: { health: DeliveryHealth | undefined }) {
  if (!health) return <Status tone="idle">unknown</Status>
  const { open_breakers, failing_lanes, disabled_hooks, waiting_lanes } = health
  if (open_breakers.length > 0) return <Status tone="bad">endpoint failing</Status>
  if (failing_lanes > 0) return <Status tone="bad">failing</Status>
  if (disabled_hooks > 0) return <Status tone="warn">hooks disabled</Status>
  if (waiting_lanes > 0) return <Status tone="info">delivering</Status>
  return <Status tone="good">well</Status>
}
