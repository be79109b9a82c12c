/** Stable names for what differs from run to run: ids by their order of appearance, and secrets, signatures and times by their kind. */

const ID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g

/** Each has a form of its own, so that none is taken for another. */
const KINDS: readonly [pattern: RegExp, name: string][] = [
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>'],
  [/\bwhsec_[A-Za-z0-9+/]+=*/g, '<signing secret>'],
  [/"client_secret":"[^"]+"/g, '"client_secret":"<client secret>"'],
  [/client_secret=[^&\s]+/g, 'client_secret=<client secret>'],
  [/v1,[A-Za-z0-9+/]{43}=/g, '<signature>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/\b00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]\b/g, '<trace>'],
  [/"(\w+_ms)":\d+(\.\d+)?/g, '"$1":<milliseconds>'],
  [/(webhook-timestamp(?:: |":"))\d{10}/g, '$1<seconds>'],
  [/(ratelimit-(?:remaining|reset)): \d+/g, '$1: <number>'],
  [/http:\/\/(127\.0\.0\.1|localhost):\d+/g, 'http://<host>'],
  [/tract\/\d+\.\d+\.\d+[\w.-]*/g, 'tract/<version>'],
]

export class Names {
  readonly #ids = new Map<string, string>()

  put(text: string): string {
    const named = KINDS.reduce((all, [pattern, name]) => all.replaceAll(pattern, name), text)
    return named.replaceAll(ID, (id) => this.#id(id))
  }

  #id(id: string): string {
    const known = this.#ids.get(id)
    if (known) return known
    const name = `<id ${this.#ids.size + 1}>`
    this.#ids.set(id, name)
    return name
  }
}
