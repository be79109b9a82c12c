/** What a file is, by its bytes. The file lies on disk; no more than a part of it is read, and nothing of it is unpacked or decoded. */
import { open } from 'node:fs/promises'
import { fileTypeFromBuffer } from 'file-type'
import { imageSize } from 'image-size'

export interface Content {
  contentType: string
  width: number | null
  height: number | null
}

/** Bytes: the dimensions of a photo stand behind its metadata, which may be long. */
const HEAD_BYTES = 262_144
const UNKNOWN = 'application/octet-stream'
/** Text has no other controls than these: tab, line feed, form feed, carriage return, escape. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: by them, text is told from what is none
const NO_TEXT = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f\u007f]/
/** Types that are text to `file-type`: a browser would run what is in them. */
const MARKUP = /xml|html|svg/
/** The greatest side of an image that a phone or a browser shows. A file may claim any. */
const MOST_PIXELS = 65_535

export async function contentOf(path: string): Promise<Content> {
  const head = await headOf(path)
  const found = await fileTypeFromBuffer(head).catch(() => undefined)
  if (!found || MARKUP.test(found.mime)) return { contentType: textOr(head), width: null, height: null }
  return { contentType: found.mime, ...(found.mime.startsWith('image/') ? sizeOf(head) : NO_SIZE) }
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function textOr(head: Buffer): string {
  try {
    // the head of a longer file may end within a character
    const stream = head.length === HEAD_BYTES
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream })
    return NO_TEXT.test(text) ? UNKNOWN : 'text/plain'
  } catch {
    return UNKNOWN
  }
}

const NO_SIZE = { width: null, height: null }

/** As the image is shown: a photo may be stored on its side. */
function sizeOf(head: Buffer): { width: number | null; height: number | null } {
  try {
    const { width, height, orientation = 1 } = imageSize(head)
    const isPlausible = (pixels: number) => Number.isInteger(pixels) && pixels > 0 && pixels <= MOST_PIXELS
    if (!isPlausible(width) || !isPlausible(height)) return NO_SIZE
    return orientation >= 5 ? { width: height, height: width } : { width, height }
  } catch {
    return NO_SIZE
  }
}
