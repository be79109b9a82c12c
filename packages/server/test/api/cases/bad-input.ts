import type { KnownErrorCode } from '@tract/contract'
import type { Answer } from '@tract/testing/call'
import type { OperationName } from '../recipes/recipe.js'
import type { Cast, RecipeWorld } from '../recipes/recipe-world.js'

/** A user who is there, in a conversation with the desk. */
export const KNOWN = 'known-user'

/** Another one, whose conversation is with the IVA. */
export const WITH_IVA = 'user-with-iva'

/** What a caller may get wrong, and what it is told. */
export interface BadInput {
  name: string
  /** The operation whose document the answer is held against; none, where the request reaches no operation. */
  operation?: OperationName
  status: number
  code: KnownErrorCode
  /** Where it is said to be wrong: the path of an issue. */
  path?: string
  call: (world: RecipeWorld) => Promise<Answer>
}

const caller = (world: RecipeWorld, who: keyof Cast | 'admin') => (who === 'admin' ? world.admin : world.cast[who])

/** A JSON body that breaks the contract, 400 `invalid_request` unless it says otherwise. */
export function badBody(
  name: string,
  [operation, who]: [OperationName, keyof Cast | 'admin'],
  body: unknown,
  { status = 400, code = 'invalid_request', ...expected }: Partial<Pick<BadInput, 'status' | 'code' | 'path'>> = {},
): BadInput {
  const call = (world: RecipeWorld) => world.call(operation, { as: caller(world, who), body })
  return { name, operation, status, code, ...expected, call }
}
