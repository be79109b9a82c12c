import { answerSchema, type Operations, schemas } from '@tract/contract'
import type { JsonSchema, Validators } from './input/validation.js'

/**
 * Compares an answer with the contract, for tests and development: the server never says what the document does not.
 * @returns what is wrong, or null
 */
export function answerProblem(
  validators: Validators,
  operationId: keyof Operations,
  status: number,
  payload: unknown,
): string | null {
  const name = answerSchema(operationId, status)
  if (!name) return `${operationId} does not document status ${status}`
  const validate = validators.answers(schemas[name] as JsonSchema)
  if (typeof payload !== 'string') return `${operationId} answered ${status} without a JSON body`
  if (validate(JSON.parse(payload))) return null
  const errors = validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`).join('; ')
  return `${operationId} answered ${status} with a body that breaks the contract: ${errors}`
}
