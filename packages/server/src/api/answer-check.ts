import { operations } from '@tract/contract'
import type { Validators } from './input/validation.js'

/**
 * Holds what goes out against the contract, for tests and development: the server never says what the document does not. Answers what is
 * wrong, or null.
 */
export function answerProblem(
  validators: Validators,
  operationId: keyof typeof operations,
  status: number,
  payload: unknown,
): string | null {
  const documented = (operations[operationId].responses as Record<number, { schema?: object }>)[status]
  if (!documented) return `${operationId} does not document status ${status}`
  if (!documented.schema) return null
  const validate = validators.answers(documented.schema as Record<string, unknown>)
  if (typeof payload !== 'string') return `${operationId} answered ${status} without a JSON body`
  if (validate(JSON.parse(payload))) return null
  const errors = validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`).join('; ')
  return `${operationId} answered ${status} with a body that breaks the contract: ${errors}`
}
