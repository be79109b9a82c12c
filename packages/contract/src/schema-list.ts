import type { TSchema } from '@sinclair/typebox'
import { schemas } from './generated/schemas.js'

/** Every schema with its name as `$id`, as a validator takes them. */
export const schemaList: readonly (TSchema & { $id: string })[] = Object.entries(schemas).map(([name, schema]) => ({
  ...schema,
  $id: name,
}))
