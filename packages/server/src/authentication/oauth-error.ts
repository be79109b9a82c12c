/** The errors of RFC 6749 §5.2 that this server answers with. */
export type OAuthErrorCode = 'invalid_request' | 'invalid_client' | 'unsupported_grant_type' | 'invalid_scope'

/** What a token or revocation request is answered with. */
export interface OAuthAnswer {
  status: number
  headers: Record<string, string>
  body: Record<string, unknown>
}

const NEVER_CACHED = { 'cache-control': 'no-store', pragma: 'no-cache' }

export class OAuthError extends Error {
  readonly code: OAuthErrorCode

  constructor(code: OAuthErrorCode, description: string) {
    super(description)
    this.name = 'OAuthError'
    this.code = code
  }
}

export function oauthAnswer(body: Record<string, unknown>): OAuthAnswer {
  return { status: 200, headers: { ...NEVER_CACHED }, body }
}

/** How a request is refused. */
export function oauthRefusal(code: OAuthErrorCode, message: string): OAuthAnswer {
  const unauthenticated = code === 'invalid_client'
  return {
    status: unauthenticated ? 401 : 400,
    headers: {
      ...NEVER_CACHED,
      // RFC 6749 §5.2 asks for it after HTTP Basic, RFC 9110 §15.5.2 in every 401.
      ...(unauthenticated && { 'www-authenticate': 'Basic realm="tract", charset="UTF-8"' }),
    },
    body: { error: code, error_description: describe(message), code },
  }
}

/** Answers with what `handle` returns, or with the error that it refused the request with. */
export async function answering(handle: () => Promise<OAuthAnswer>): Promise<OAuthAnswer> {
  try {
    return await handle()
  } catch (error) {
    if (error instanceof OAuthError) return oauthRefusal(error.code, error.message)
    throw error
  }
}

/** RFC 6749 §5.2 allows only these characters. */
function describe(message: string): string {
  return message.replaceAll(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, '?')
}
