/** The type of each schema and TypeBox's own type of it are the same. Compiled, never run. */

import type { HookPayloads } from '../../../../packages/client/src/generated/hooks.js'
import type { schemas } from '../../../../packages/contract/src/generated/schemas.js'
import type { Schemas } from '../../../../packages/contract/src/generated/types.js'
import type { components } from '../generated/platform.js'
import type { components as vendorComponents } from '../generated/vendor.js'

/** Assignable both ways. Wrapped, so that unions are compared whole. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

type Untied = {
  [Name in keyof Schemas]: Same<Schemas[Name], (typeof schemas)[Name]['static']> extends true ? never : Name
}[keyof Schemas]
export const untied: [Untied] extends [never] ? 'none' : Untied = 'none'

/** The published documents have the same types. Without our hook a `const` of null has none. */
type Disagreeing<Published> = {
  [Name in Exclude<keyof Published & keyof Schemas, 'UserRequest'>]: Same<Schemas[Name], Published[Name]> extends true
    ? never
    : Name
}[Exclude<keyof Published & keyof Schemas, 'UserRequest'>]
export const platform: [Disagreeing<components['schemas']>] extends [never]
  ? 'none'
  : Disagreeing<components['schemas']> = 'none'
export const vendor: [Disagreeing<vendorComponents['schemas']>] extends [never]
  ? 'none'
  : Disagreeing<vendorComponents['schemas']> = 'none'

// @ts-expect-error a type that lost a required field is another type
export const lost: Same<Schemas['User'], Omit<Schemas['User'], 'user_id'>> = true

// @ts-expect-error an optional field may be absent and may not be undefined
export const absent: Schemas['User'] = { user_id: '8812', user_name: undefined }

// @ts-expect-error a closed body has no other fields
export const closed: Schemas['UserRequest'] = { user_id: '8812', colour: 'red' }

// @ts-expect-error no such hook
export type None = HookPayloads['message.pigeon']
