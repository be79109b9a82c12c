/** Reads a body that may be too long or too slow. */

/** Why there is no body. The status is what to answer. */
export class BodyError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface BodyLimits {
  maxBytes: number
  timeoutMs: number
}

export interface Chunks {
  next(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }>
}

/** @param declared the Content-Length, if there is one: what says that it is too long is not read at all */
export async function readBody(
  chunks: Chunks,
  declared: string | undefined,
  { maxBytes, timeoutMs }: BodyLimits,
): Promise<Uint8Array> {
  const tooLong = () => new BodyError(413, `The body is longer than ${maxBytes} bytes.`)
  if (Number(declared) > maxBytes) throw tooLong()
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooSlow = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BodyError(408, `The body did not come within ${timeoutMs} ms.`)), timeoutMs)
  })
  try {
    const parts: Uint8Array[] = []
    let length = 0
    for (;;) {
      const { done, value } = await Promise.race([chunks.next(), tooSlow])
      if (done || value === undefined) return joined(parts)
      length += value.length
      if (length > maxBytes) throw tooLong()
      parts.push(value)
    }
  } catch (error) {
    throw error instanceof BodyError ? error : new BodyError(400, 'The body broke off.')
  } finally {
    clearTimeout(timer)
  }
}

export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
