/** What a receiver answered, as TRACT reads it. */
export interface ReceiverAnswer {
  text: string
  /** There is more of it, or it could not be read as text: it acknowledges only if it shows to be no JSON object. */
  isIncomplete: boolean
}

/** Codings that TRACT reads, and `fetch` has taken off. */
const READ_CODINGS = new Set(['', 'identity', 'gzip', 'x-gzip', 'deflate'])

/** @param most characters */
export async function readAnswer(response: Response, most: number): Promise<ReceiverAnswer> {
  const bytes = await beginningOf(response, most)
  if (bytes.length === 0) return { text: '', isIncomplete: false }
  const coding = (response.headers.get('content-encoding') ?? '').trim().toLowerCase()
  const charset = charsetOf(bytes, response.headers.get('content-type') ?? '')
  if (!READ_CODINGS.has(coding) || charset === null || isGzip(bytes)) return { text: '', isIncomplete: true }
  const text = new TextDecoder(charset).decode(bytes)
  // what the service cannot store, and half a character
  const kept = text.slice(0, most).replaceAll('\0', '\uFFFD').toWellFormed()
  return { text: kept, isIncomplete: text.length > most }
}

async function beginningOf(response: Response, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let length = 0
  // four bytes are the most that a character takes, and one more shows that there is more
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array)
    length += (chunk as Uint8Array).length
    if (length > 4 * most) break
  }
  return Buffer.concat(chunks)
}

/** Coded though nothing says so: `fetch` has left it as it is. */
const isGzip = ([first, second]: Uint8Array) => first === 0x1f && second === 0x8b

/** `{`, and white space. */
const BEGINS_OBJECT = new Set([0x7b, 0x20, 0x09, 0x0a, 0x0d])

/**
 * By its mark, by the zeros of JSON in UTF-16, by what it says of itself; null if nothing here can read that, such as
 * UTF-32. As TRACT does (`answer-text.ts`).
 */
function charsetOf([first = 1, second = 1, third = 1, fourth = 1]: Uint8Array, contentType: string): string | null {
  const isWide = third === 0 && fourth === 0
  if (first === 0xff && second === 0xfe) return isWide ? null : 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first === 0 && second === 0) return null
  if (first === 0 && BEGINS_OBJECT.has(second)) return 'utf-16be'
  if (second === 0 && BEGINS_OBJECT.has(first)) return isWide ? null : 'utf-16le'
  const [, label = 'utf-8'] = /;\s*charset\s*=\s*["']?([^"';,\s]+)/i.exec(contentType) ?? []
  try {
    const { encoding } = new TextDecoder(label)
    return encoding.startsWith('utf-16') ? 'utf-8' : encoding
  } catch {
    return null
  }
}
