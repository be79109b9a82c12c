import { OAuthError } from './oauth-error.js'

/** What came over HTTP, as far as OAuth is concerned. */
export interface OAuthRequest {
  authorizationHeader?: string | undefined
  /** The decoded form. A parameter that was sent twice is an array, as every form parser has it. No body: undefined. */
  form?: unknown
}

export type Form = ReadonlyMap<string, string>

/** RFC 6749 §3.2: an empty parameter counts as absent, an unknown one is ignored, and none may come twice. */
export function readForm(form: unknown): Form {
  if (form === undefined || form === null) return new Map()
  if (typeof form !== 'object' || Array.isArray(form)) throw notAForm()
  const parameters = new Map<string, string>()
  for (const [name, value] of Object.entries(form)) {
    if (Array.isArray(value)) throw new OAuthError('invalid_request', `${clip(name)} is given more than once`)
    if (typeof value !== 'string') throw notAForm()
    if (value !== '') parameters.set(name, value)
  }
  return parameters
}

export function required(form: Form, name: string): string {
  const value = form.get(name)
  if (value === undefined) throw new OAuthError('invalid_request', `${name} is required`)
  return value
}

/** For a request's own words in an answer. */
export function clip(text: string): string {
  return text.length > 64 ? `${text.slice(0, 61)}...` : text
}

function notAForm(): OAuthError {
  return new OAuthError('invalid_request', 'the body must be application/x-www-form-urlencoded')
}
