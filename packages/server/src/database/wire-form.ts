import { type Schemas, schemas } from '@tract/contract'

/** Schemas whose fields are columns of a row. */
type Entity = 'Attempt' | 'Client' | 'Delivery' | 'DeliveryFault' | 'Hook' | 'Listener' | 'Organisation'

/**
 * A stored row as the contract shows it: null is absent, a time is RFC 3339, and columns of storage alone stay here.
 */
export function wireForm<Name extends Entity>(
  name: Name,
  row: { [Field in keyof Schemas[Name]]-?: unknown },
): Schemas[Name] {
  const fields = Object.keys(schemas[name].properties) as (keyof Schemas[Name])[]
  return Object.fromEntries(
    fields.flatMap((field) => {
      const value = row[field]
      if (value === null) return []
      return [[field, value instanceof Date ? value.toISOString() : value]]
    }),
  ) as Schemas[Name]
}
