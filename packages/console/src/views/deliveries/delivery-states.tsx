import type { DeliveryState } from '@tract/contract'
import { Status, type Tone } from '../../components/status.js'

export const DELIVERY_STATES: readonly DeliveryState[] = ['pending', 'delivered', 'undeliverable', 'cancelled']

const TONES: Readonly<Record<DeliveryState, Tone>> = {
  delivered: 'good',
  pending: 'warn',
  undeliverable: 'bad',
  cancelled: 'idle',
}

export const DeliveryStatus = ({ state }: { state: DeliveryState }) => <Status tone={TONES[state]}>{state}</Status>
