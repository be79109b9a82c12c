/** Arrays and tuples (JSON Schema 2020-12 Core §10.3.1, Validation §6.4). */
import { group } from '../typescript.js'
import type { SchemaObject } from './keywords.js'
import { typeOf } from './type.js'

export function arrayType(schema: SchemaObject): string {
  const items = schema.items ?? true
  if (!schema.prefixItems) return `${group(typeOf(items))}[]`
  // `prefixItems` asks for no item to be there: those past `minItems` may be missing.
  const least = typeof schema.minItems === 'number' ? schema.minItems : 0
  const first = schema.prefixItems.map((item, index) => (index < least ? typeOf(item) : `${group(typeOf(item))}?`))
  return `[${[...first, ...(items === false ? [] : [`...${group(typeOf(items))}[]`])].join(', ')}]`
}
