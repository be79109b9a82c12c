const REDACTED = '[redacted]'

/** What a log has of an error: what kind it is, and where it came from. None of its other properties, which may hold anything. */
export interface DescribedError {
  type: string
  message: string
  code?: string
  stack?: string
  cause?: DescribedError
}

/** Nothing of what users said or of what opens a door is in it, however deep the error came from. */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: '' }
  const { name, stack, cause } = error
  const code = (error as { code?: unknown }).code
  const message = messageOf(error)
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: name,
    message,
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
    ...(frames && frames.length > 0 && { stack: [`${name}: ${message}`, ...frames].join('\n') }),
    ...(cause instanceof Error && { cause: describeError(cause) }),
  }
}

/** An error's message without the values that some libraries quote in theirs. */
function messageOf(error: Error): string {
  const { name, message } = error
  // Prisma shows the whole call, with its arguments, and then says what is wrong
  const said = name.startsWith('Prisma') ? (message.trim().split('\n').at(-1) ?? '') : message
  return withoutQueries(quotesValues(error) ? said.replace(/"[^"]*"?/g, REDACTED) : said)
}

/** PostgreSQL quotes data that it cannot take (class 22), JSON.parse what it cannot read. */
function quotesValues(error: Error): boolean {
  const { code } = error as { code?: unknown }
  return error instanceof SyntaxError || (typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code))
}

/** Addresses without what may be secret in them: hooks carry keys in their queries. */
const withoutQueries = (text: string): string =>
  text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)([^\s/?#'"@]*@)?([^\s?#'"]*)[?#]?[^\s'"]*/gi, (_, scheme, user, place) =>
    user ? `${scheme}${REDACTED}@${place}` : `${scheme}${place}`,
  )
