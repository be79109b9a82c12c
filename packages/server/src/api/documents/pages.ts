import { ContractViolation } from '../errors.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A page out of one row more than it holds, and where the next one begins. */
export function page<Row>(
  rows: Row[],
  limit: number,
  cursor: (row: Row) => string,
): { items: Row[]; next: { next?: string } } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last ? { next: cursor(last) } : {} }
}

/** Where rows are in the order of their UUIDs, a cursor is one. */
export function uuidCursor(after: string, path = '?after'): string {
  if (UUID.test(after)) return after
  throw new ContractViolation([{ path, message: 'must be the `next` of the page before' }])
}
