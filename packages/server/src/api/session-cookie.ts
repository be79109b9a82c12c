import type { IncomingHttpHeaders } from 'node:http'

/** The browser sends a cookie of `__Host-` nowhere else, and no other host can set one. */
const nameAt = (publicUrl: string) => (isSecure(publicUrl) ? '__Host-tract_session' : 'tract_session')
const isSecure = (publicUrl: string) => publicUrl.startsWith('https:')

/** `Set-Cookie` for a session; an empty token removes it. */
export function sessionCookie(publicUrl: string, token: string, lifetimeSeconds: number): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict', ...(isSecure(publicUrl) ? ['Secure'] : [])]
  return [`${nameAt(publicUrl)}=${token}`, `Max-Age=${lifetimeSeconds}`, ...attributes].join('; ')
}

/** The token of the session's cookie. */
export function sessionToken(publicUrl: string, { cookie = '' }: IncomingHttpHeaders): string | undefined {
  const start = `${nameAt(publicUrl)}=`
  const found = cookie.split(';').map((part) => part.trim())
  return found.find((part) => part.startsWith(start))?.slice(start.length)
}

/**
 * Whether the call comes from a page of this service. A browser says so in `Sec-Fetch-Site` on a trustworthy origin; on
 * others, `Origin` has to be ours. SameSite alone would admit pages of other ports and of sister hosts.
 */
export function isOfOwnPage(publicUrl: string, headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin, host } = headers
  if (origin === undefined || !URL.canParse(origin)) return false
  const { origin: own } = new URL(publicUrl)
  return origin === own || new URL(origin).host === host
}
