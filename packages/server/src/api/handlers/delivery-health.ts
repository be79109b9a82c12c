import type { DeliveryHealth } from '@tract/contract'
import { wireForm } from '../../database/wire-form.js'
import {
  type FaultCursor,
  type HealthRow,
  type ListenerCursor,
  listDeliveryFaults,
  listDeliveryHealth,
} from '../../views/delivery-health.js'
import type { Call } from '../call.js'
import { page, uuidCursor } from '../documents/pages.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

export function deliveryHealthHandlers({ pools }: Services) {
  return {
    listDeliveryHealth: async ({ query }) => {
      const { organisation_id: organisationId = null, limit = 50, after } = query
      const now = new Date()
      const cursor = after === undefined ? {} : { after: listenerCursor(after) }
      const rows = await listDeliveryHealth(pools, { organisationId, limit: limit + 1, ...cursor }, now)
      const { items, next } = page(rows, limit, (row) => `${row.organisation_id}/${row.listener_id}`)
      return { listeners: items.map((row) => toHealth(row, now)), ...next }
    },

    listDeliveryFaults: async ({ query }) => {
      const { organisation_id: organisationId = null, limit = 50, after } = query
      const cursor = after === undefined ? {} : { after: faultCursor(after) }
      const rows = await listDeliveryFaults(pools, { organisationId, limit: limit + 1, ...cursor })
      const { items, next } = page(rows, limit, (row) => `${row.delivery_id}/${row.fault}`)
      return { faults: items.map((row) => wireForm('DeliveryFault', row)), ...next }
    },
  } satisfies Partial<Handlers<Call>>
}

function listenerCursor(after: string): ListenerCursor {
  const [id, listener] = cursorParts(after)
  return { organisationId: id, listener }
}

function faultCursor(after: string): FaultCursor {
  const [id, fault] = cursorParts(after)
  return { deliveryId: id, fault }
}

/** An id, and what tells apart what belongs to it. */
function cursorParts(after: string): [id: string, name: string] {
  const slash = after.indexOf('/')
  return [uuidCursor(slash < 0 ? '' : after.slice(0, slash)), after.slice(slash + 1)]
}

const toHealth = (row: HealthRow, now: Date): DeliveryHealth => ({
  organisation_id: row.organisation_id,
  listener_id: row.listener_id,
  waiting_lanes: row.waiting_lanes,
  delivering_lanes: row.delivering_lanes,
  failing_lanes: row.failing_lanes,
  pending_deliveries: row.pending_deliveries,
  // the clock of another machine may be ahead
  lag_ms: row.oldest_head_at === null ? 0 : Math.max(0, now.getTime() - row.oldest_head_at.getTime()),
  ...(row.oldest_head_id !== null &&
    row.oldest_head_at !== null && {
      oldest_head: { delivery_id: row.oldest_head_id, created_at: row.oldest_head_at.toISOString() },
    }),
  open_breakers: row.open_breakers.map(({ origin, opened_at, processes }) => ({
    origin,
    opened_at: new Date(opened_at).toISOString(),
    processes,
  })),
  disabled_hooks: row.disabled_hooks,
})
