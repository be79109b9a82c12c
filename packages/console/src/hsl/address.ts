/** A vendor or a user wrote the addresses in a message: one that could run as a script is not used. */

/** For a link: a page, a call or a mail; undefined for anything else. */
export function linkAddress(address: unknown): string | undefined {
  return vetted(address, ['https:', 'http:', 'tel:', 'mailto:'])
}

/** For a picture: the page's policy shows what comes by https, inline, or from the service itself. */
export function pictureAddress(address: unknown): string | undefined {
  if (typeof address !== 'string') return undefined
  if (/^data:image\/(png|jpeg|gif|webp|svg\+xml)[;,]/i.test(address)) return address
  return vetted(address, ['https:', 'http:'])
}

function vetted(address: unknown, protocols: readonly string[]): string | undefined {
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined
  const { protocol, href } = new URL(address)
  return protocols.includes(protocol) ? href : undefined
}
