/** Text that is too long for one message, as parts. */
import { text } from '@tract/contract/hsl'

/** What a part may have: characters (code points), or bytes of UTF-8. */
export type TextLimit = { characters: number } | { bytes: number }

const encoder = new TextEncoder()
const byteLength = (words: string) => encoder.encode(words).length

/** As `MAX_MESSAGE_BYTES` of the contract has it, and what a text takes beside its words. */
const MESSAGE_BYTES = 65_536
const TEXT_BYTES = byteLength(JSON.stringify(text('')))

/** A part is cut at the end of a line or a word, where that leaves it at least so full. */
const LEAST_FULL = 0.5

/**
 * Cuts a text into parts, which together are the text again: at the end of a line or of a word where it can, and never within a character, nor within
 * an emoji or a syllable that several make up. Without a limit each part fits a message of TRACT, as it is and as `text(part)`; for the desk, give
 * its own: `splitText(words, { characters: 4_000 })`. A text without characters has no parts.
 */
export function splitText(words: string, limit?: TextLimit): string[] {
  const [most, costOf] = measureOf(limit)
  const parts: string[] = []
  for (let begin = 0; begin < words.length; ) {
    const end = endOf(words, begin, most, costOf)
    parts.push(words.slice(begin, end))
    begin = end
  }
  return parts
}

type Cost = (character: string) => number

function measureOf(limit: TextLimit | undefined): [most: number, costOf: Cost] {
  if (limit === undefined) return [MESSAGE_BYTES - TEXT_BYTES, (character) => byteLength(JSON.stringify(character)) - 2]
  const isBytes = 'bytes' in limit
  const most = isBytes ? limit.bytes : limit.characters
  // the longest character has 4 bytes
  const least = isBytes ? 4 : 1
  if (!(most >= least))
    throw new RangeError(`A part has at least ${least} ${isBytes ? 'bytes' : 'character'}, and not ${most}.`)
  return [most, isBytes ? byteLength : () => 1]
}

function endOf(words: string, begin: number, most: number, costOf: Cost): number {
  let cost = 0
  let end = begin
  let line = 0
  let word = 0
  for (const character of charactersFrom(words, begin)) {
    cost += costOf(character)
    if (cost > most) return whole(words, begin, end, line || word)
    end += character.length
    if (cost < most * LEAST_FULL) continue
    if (character === '\n') line = end
    else if (/\s/.test(character)) word = end
  }
  return end
}

/** A part of the text's own characters: a copy of the rest for each part would cost its square. */
function* charactersFrom(words: string, begin: number): Iterable<string> {
  for (let at = begin; at < words.length; ) {
    const character = String.fromCodePoint(words.codePointAt(at) as number)
    yield character
    at += character.length
  }
}

/** Where to cut, if no line and no word ends: before what the cut would part, unless that is all there is. */
function whole(words: string, begin: number, end: number, better: number): number {
  if (better > 0) return better
  const cut = new Intl.Segmenter().segment(words).containing(end)?.index ?? end
  return cut > begin ? cut : end
}
