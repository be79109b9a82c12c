/**
 * What messages and users are found by: folded text, without regard to case. The index of messages' words lies behind the
 * accept: see `upkeep/search/search-index.ts`.
 */
import { toPlainText } from '@tract/contract'
import type { Queryable } from '../database/queryable.js'
import { nameOf, type UserKey } from '../lanes/user-key.js'

/** The same letters, however they are written. PostgreSQL's own folding depends on the database's locale. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase()

/** What the parser of PostgreSQL would take for markup, and leave out. */
const MARKUP = /[<>&]/g

/** A text by whose words messages are found. */
export const foldedWords = (text: string): string => folded(text).replace(MARKUP, ' ')

/** What of a message is searched: what people see. */
export const searchedText = (body: unknown): string => foldedWords(toPlainText(body))

/** Longer ones are no words, and have no place in the index, bytes. */
const LONGEST_WORD = 1_200

/** SQL of the words in a folded text. Those of another organisation are other words, so no search goes through its messages. */
export const wordsOf = (text: string, organisationId: string): string =>
  `array(select right(${organisationId}::text, 12) || word from unnest(tsvector_to_array(to_tsvector('simple', ${text}))) word
    where octet_length(word) <= ${LONGEST_WORD})`

/** How many threads wait at most to be read; those beyond are found by the sweep. */
const MOST_WAITING = 50_000

/** The threads on which something was said since they were last taken. */
export class SaidOn {
  readonly #threads = new Map<string, UserKey>()

  note(key: UserKey): void {
    if (this.#threads.size < MOST_WAITING) this.#threads.set(nameOf(key), key)
  }

  /** The first of them, which are forgotten here. */
  take(most: number): UserKey[] {
    const taken: UserKey[] = []
    for (const [name, key] of this.#threads) {
      if (taken.length === most) break
      taken.push(key)
      this.#threads.delete(name)
    }
    return taken
  }
}

/** After a message was edited or deleted: its former words are not found any more. One that was not read yet has none. */
export async function keepWords(db: Queryable, key: UserKey, messageId: number, text: string): Promise<void> {
  await db.query({
    text: `update message_words set words = array_to_tsvector(${wordsOf('$5::text', '$2::uuid')})
      where bucket = $1 and organisation_id = $2 and user_id = $3 and message_id = $4`,
    values: [key.bucket, key.organisationId, key.userId, messageId, text],
  })
}
