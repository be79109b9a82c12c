/** A text of several messages, which is said, changed and taken back as one. */

/** A message that holds a part of a text. It can be written as JSON, to be kept until the text changes. */
export interface TextPart<Id> {
  /** Of the message, where it was written. */
  id: Id
  text: string
}

/** How to write where the parts go, be that the desk or TRACT. Give each call the key of what led to it, and the part's number. */
export interface PartWriter<Id> {
  /** Says a part, behind all others. @returns its id */
  add(text: string, index: number): Id | Promise<Id>
  /** Has a part say something else. */
  edit(part: TextPart<Id>, text: string, index: number): unknown
  /** Takes a part back. */
  remove(part: TextPart<Id>, index: number): unknown
}

/**
 * Makes what was written, `before`, say what `texts` have, in order and with no call too many: changes the parts that differ, adds what is new and
 * takes back what is too much. A text that is new has `before` empty, one that is taken back no `texts`. Done again after a failure or a crash, it makes
 * the same calls in the same order.
 * @returns the parts as they are now: keep them under the id of the text
 */
export async function writeParts<Id>(
  before: readonly TextPart<Id>[],
  texts: readonly string[],
  to: PartWriter<Id>,
): Promise<TextPart<Id>[]> {
  const parts: TextPart<Id>[] = []
  for (const [index, text] of texts.entries()) {
    const part = before[index]
    if (part && part.text !== text) await to.edit(part, text, index)
    parts.push({ id: part ? part.id : await to.add(text, index), text })
  }
  for (const [index, part] of before.entries()) if (index >= texts.length) await to.remove(part, index)
  return parts
}
