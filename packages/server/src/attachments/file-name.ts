/** Characters, so that the name with its escapes fits into a header. */
const LONGEST = 255

/** Control characters, and those that turn the direction of writing: a name with one shows another ending than it has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/gu

/** The last part of a file's name as a caller gave it, without what a person does not see. */
export function fileName(given: string | undefined): string {
  const last = (given ?? '').split(/[/\\]/).at(-1) ?? ''
  const name = last.normalize('NFC').replaceAll(UNSEEN, '').trim()
  // a name of points alone is a folder's
  if (/^\.*$/.test(name)) return 'file'
  return shortened(name)
}

/** Keeps the ending, by which systems tell a file's type. */
function shortened(name: string): string {
  const characters = [...name]
  if (name.length <= LONGEST) return name
  const point = name.lastIndexOf('.')
  const ending = point > 0 && name.length - point <= 16 ? name.slice(point) : ''
  let kept = ''
  for (const character of characters) {
    if (kept.length + character.length + ending.length > LONGEST) break
    kept += character
  }
  return kept + ending
}
