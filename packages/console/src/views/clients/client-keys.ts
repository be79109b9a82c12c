import type { ClientCreate } from '@tract/contract'

/** @returns the keys; undefined where nothing was entered; what is wrong, where it is no JSON */
export function keysOf(entered: string): ClientCreate['jwks'] | string {
  if (entered.trim() === '') return undefined
  try {
    return JSON.parse(entered)
  } catch {
    return 'It is no JSON.'
  }
}
