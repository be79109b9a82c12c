/** What a refused call says: a person reads the message, a program the code. */
export class CallError extends Error {
  override readonly name = 'CallError'

  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
    readonly requestId?: string | undefined,
    readonly issues: readonly { path: string; message: string }[] = [],
    /** Seconds after which the call may be made again. */
    readonly retryAfter?: number | undefined,
  ) {
    super(message)
  }
}

interface ErrorBody {
  error?: unknown
  code?: unknown
  request_id?: string
  issues?: { path: string; message: string }[]
}

/** What stands between us and the service may answer with anything. */
export async function callError(response: Response): Promise<CallError> {
  const body: ErrorBody | null = await response.json().catch(() => null)
  const message = typeof body?.error === 'string' ? body.error : `The service answered ${response.status}.`
  const code = typeof body?.code === 'string' ? body.code : 'unexpected_answer'
  const after = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfter = Number.isFinite(after) ? after : undefined
  return new CallError(message, code, response.status, body?.request_id, body?.issues, retryAfter)
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
