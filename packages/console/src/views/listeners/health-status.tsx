import type { DeliveryHealth, Listener } from '@tract/contract'
import { Status } from '../../components/status.js'

interface HealthStatusProps {
  /** Undefined while it is not known. */
  listener: Pick<Listener, 'enabled'> | undefined
  health: DeliveryHealth | undefined
  /** How many are registered; undefined while it is not known. */
  hooks: number | undefined
}

/** How deliveries to a listener are going, in a word: the worst that is so. */
export function HealthStatus({ listener, health, hooks }: HealthStatusProps) {
  if (listener?.enabled === false) return <DisabledStatus />
  if (!health) return <Status tone="idle">unknown</Status>
  const { open_breakers, failing_lanes, disabled_hooks, waiting_lanes } = health
  if (open_breakers.length > 0) return <Status tone="bad">endpoint failing</Status>
  if (failing_lanes > 0) return <Status tone="bad">failing</Status>
  if (hooks === 0) return <Status tone="warn">no hook</Status>
  if (disabled_hooks > 0) return <Status tone="warn">hooks disabled</Status>
  if (waiting_lanes > 0) return <Status tone="info">delivering</Status>
  if (hooks === undefined) return <Status tone="idle">unknown</Status>
  return <Status tone="good">well</Status>
}

export const DisabledStatus = () => <Status tone="idle">listener disabled</Status>
