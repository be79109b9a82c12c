/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1); undefined if it is not one. */
export function bearerToken(authorizationHeader: string | undefined): string | undefined {
  if (authorizationHeader === undefined) return undefined
  if (authorizationHeader.startsWith('Bearer ') || /^bearer /i.test(authorizationHeader)) {
    return authorizationHeader.slice(7).trim()
  }
  return undefined
}
