import type { KnownErrorCode, Operations } from '@tract/contract'
import type { Answer } from '@tract/testing/call'
import type { RecipeWorld } from './recipe-world.js'

/** The operations of the document, aliases included. */
export type OperationName = keyof Operations

/** How one documented answer of one operation is brought about. */
export interface Recipe {
  operation: OperationName
  status: number
  code?: KnownErrorCode
  when: string
  call: (world: RecipeWorld) => Promise<Answer>
}

type Call = Recipe['call']

export const success = (operation: OperationName, when: string, call: Call): Recipe => ({
  operation,
  status: 200,
  when,
  call,
})

export const failure = (
  operation: OperationName,
  status: number,
  code: KnownErrorCode,
  when: string,
  call: Call,
): Recipe => ({ operation, status, code, when, call })

/** For `test.each`: recipes under the names that tests of them have. */
export const titled = (recipes: readonly Recipe[]): [title: string, recipe: Recipe][] =>
  recipes.map((recipe) => {
    const { operation, status, code, when } = recipe
    return [`${operation} answers ${code === undefined ? status : `${status} ${code}`}: ${when}`, recipe]
  })
