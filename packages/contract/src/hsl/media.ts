const VIDEO = new Set(['mp4', 'm4v', 'mov', 'webm', 'ogv', '3gp', 'avi', 'mkv'])
/** What a browser shows as a page: a button that opens one is a link, and no file. */
const PAGE = new Set(['html', 'htm', 'xhtml', 'php', 'asp', 'aspx', 'jsp', 'do'])
const ADDRESS = /^https?:\/\/[^/?#]+([^?#]*)/i
const MAX_NAME_LENGTH = 128

/** The picture, video or file that an element is. */
export interface Media {
  url: string
  kind: 'image' | 'video' | 'file'
  /** The file's name as its URL has it, without folders and control characters; undefined where that has none. */
  name: string | undefined
}

/**
 * The picture or video of a carousel of one card with nothing to tap, or the file that the only button of an element opens. Undefined for every
 * other element, and for an address that is not of the web. Takes any value and never throws; the address is the sender's, as it came.
 */
export function mediaOf(element: unknown): Media | undefined {
  const root = fieldsOf(element)
  const data = fieldsOf(root?.data)
  const items: unknown[] = Array.isArray(data?.items) ? data.items : []
  const item = items.length === 1 ? fieldsOf(items[0]) : undefined
  if (!item) return undefined
  if (root?.type === 'CAROUSEL') return pictureOf(item)
  return root?.type === 'BUTTON' ? fileOf(item) : undefined
}

function pictureOf({ thumbnail, actionables }: Fields): Media | undefined {
  const url = fieldsOf(thumbnail)?.image
  const name = nameIn(url)
  if (name === undefined || !Array.isArray(actionables) || actionables.length > 0) return undefined
  return { url: String(url), kind: isVideo(String(url)) ? 'video' : 'image', name: name || undefined }
}

/** Without an ending a file is not told from a page. */
function fileOf({ uri, payload }: Fields): Media | undefined {
  const url = fieldsOf(payload)?.url
  const name = nameIn(url)
  const ending = endingOf(name ?? '')
  if (uri !== 'LINK' || name === undefined || !ending || PAGE.has(ending)) return undefined
  return { url: String(url), kind: 'file', name }
}

/** A video has an image's shape; only the file name in its URL tells. */
export function isVideo(url: string): boolean {
  return VIDEO.has(endingOf(url.split(/[?#]/, 1)[0] ?? ''))
}

function endingOf(name: string): string {
  return /[^/]\.(\w{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? ''
}

/** @returns undefined where it is no address of the web, and '' where its path names no file */
function nameIn(url: unknown): string | undefined {
  const path = typeof url === 'string' ? ADDRESS.exec(url)?.[1] : undefined
  if (path === undefined) return undefined
  // A coded slash would make a path of it, for who writes it to a disk.
  const last =
    decoded(path.slice(path.lastIndexOf('/') + 1))
      .split(/[/\\]/)
      .at(-1) ?? ''
  // Control characters, and those that turn the direction of writing: an ending must not hide behind them.
  const name = last.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim()
  return /^\.*$/.test(name) ? '' : [...name].slice(-MAX_NAME_LENGTH).join('')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

type Fields = Record<string, unknown>

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}
