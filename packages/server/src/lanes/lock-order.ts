// The order in which rows are locked wherever several are locked at once, so that nobody waits for each other.

interface UserRow {
  bucket: number
  organisation_id: string
  user_id: string
}

export function byUser(a: UserRow, b: UserRow): number {
  return a.bucket - b.bucket || compare(a.organisation_id, b.organisation_id) || compare(a.user_id, b.user_id)
}

interface LaneRow extends UserRow {
  listener: string
}

export function byLane(a: LaneRow, b: LaneRow): number {
  return (
    a.bucket - b.bucket ||
    compare(a.organisation_id, b.organisation_id) ||
    compare(a.listener, b.listener) ||
    compare(a.user_id, b.user_id)
  )
}

interface KeyRow {
  bucket: number
  client_id: string
  key: string
}

export function byKey(a: KeyRow, b: KeyRow): number {
  return a.bucket - b.bucket || compare(a.client_id, b.client_id) || compare(a.key, b.key)
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
