/** The form in which a hook's URL is kept: that in which it is called, all of it RFC 3986. */

const MAX_LENGTH = 2_048

export type HookUrl = { url: string } | { refused: string }

/** What RFC 3986 has nowhere, beside what is no ASCII; the URL standard of browsers takes it out or makes something else of it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are among it
const FOREIGN = /[\u0000- "<>\\^`{|}\u007f-\u009f]/
const AUTHORITY = /^https?:\/\/([^/?#]*)/i
const BROKEN_PERCENT = /%(?![\dA-Fa-f]{2})/
/** RFC 1035 §2.3.4, with the dot of the root. */
const NAME = /^(?=.{1,254}$)[^.]{1,63}(\.[^.]{1,63})*\.?$/

/** Brackets are for addresses only (RFC 3986 §3.2.2), though much of the web writes them in queries. */
const encoded = (text: string) => text.replaceAll('[', '%5B').replaceAll(']', '%5D')

/** The URL in that form, or why not, to go on after "The URL is refused: ". */
export function calledForm(text: string): HookUrl {
  if (text.length > MAX_LENGTH) return { refused: `it is longer than ${MAX_LENGTH} characters` }
  const [foreign] = FOREIGN.exec(text) ?? []
  if (foreign !== undefined) return { refused: `no URL has the character ${named(foreign)}` }
  if (BROKEN_PERCENT.test(text)) return { refused: 'a % in it is not followed by two hexadecimal digits' }
  const [, authority] = AUTHORITY.exec(text) ?? []
  if (authority === undefined) return { refused: 'it must begin with https://' }
  if (authority.includes('@')) return { refused: 'it must not contain a user name or password' }
  if (authority === '' || authority.startsWith(':') || !URL.canParse(text))
    return { refused: 'it is not a valid absolute URL' }
  const { origin, hostname, port, pathname, search } = new URL(text)
  if (port === '0') return { refused: 'port 0 is no port' }
  if (!hostname.startsWith('[') && !NAME.test(hostname)) return { refused: `${hostname} is no name of a host` }
  const url = origin + encoded(pathname + search)
  return url.length > MAX_LENGTH
    ? { refused: `it is longer than ${MAX_LENGTH} characters in the form that is called` }
    : { url }
}

const named = (character: string) => {
  const code = `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
  // what can be seen is said as it is
  return /[!-~]/.test(character) ? `${character} (${code})` : code
}
