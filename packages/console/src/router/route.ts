/** Paths of the console: `/console/<organisation_id>/<view>/<rest…>`. Ids are in them, and nothing else of a conversation. */
export const BASE = '/console/'

export interface Route {
  organisationId: string | undefined
  view: string | undefined
  rest: string[]
}

export function parseRoute(path: string): Route {
  const [organisationId, view, ...rest] = path
    .slice(BASE.length)
    .split('/')
    .filter((part) => part !== '')
    .map(decoded)
  return { organisationId, view, rest }
}

export const routeTo = (organisationId: string, view: string, ...rest: string[]): string =>
  BASE + [organisationId, view, ...rest].map(encoded).join('/')

/** A browser takes `.` and `..` out of a path, however they are encoded (WHATWG URL, 4.4), and users may be called that. */
const encoded = (part: string): string => encodeURIComponent(/^(?:~|\.\.?$)/.test(part) ? `~${part}` : part)

function decoded(part: string): string {
  const plain = part.replace(/^~/, '')
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}
