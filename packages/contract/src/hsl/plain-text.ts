/** Above what any element may have; the rest is left out, so that every reading ends. */
const MAX_DEPTH = 16
const MAX_VISITS = 20_000

/** A type may be of any length, and is shown to people. */
const MAX_TYPE_LENGTH = 64

const ADDRESS = /^(?:https?:\/\/|tel:|mailto:)\S+$/i

type Fields = Record<string, unknown>

/**
 * An element as text: its text, a numbered list of what can be tapped or filled in, and its URLs.
 * Takes any value and never throws; hidden messages (`gogo_message`) are left out. An element that
 * has none of these is its type in brackets, such as `[native action]`: a person sees that it came.
 */
export function toPlainText(element: unknown): string {
  if (typeof element === 'string') return element
  const root = fieldsOf(element)
  if (!root) return ''
  const reader = new PlainTextReader()
  reader.line(string(root.text) || string(root.title))
  reader.line(string(root.subtitle))
  const data = fieldsOf(root.data)
  if (root.type === 'FORM') reader.form(data)
  // What these carry is for programs.
  else if (data && root.type !== 'SYSTEM' && root.type !== 'SILENT' && root.type !== 'NATIVE_ACTION')
    reader.read(data, 2)
  return reader.toString() || placeholder(root.type)
}

function placeholder(type: unknown): string {
  if (typeof type !== 'string') return ''
  const words = type
    .slice(0, MAX_TYPE_LENGTH)
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase()
  return `[${words || 'message'}]`
}

class PlainTextReader {
  #lines: string[] = []
  #options: { label: string; card: string }[] = []
  #urls = new Set<string>()
  #cards = 0
  #visits = 0

  line(content: string): void {
    if (content) this.#lines.push(content)
  }

  /** Finds cards and things to tap below `value`; `card` is the heading of the card around it. */
  read(value: object, depth: number, card = ''): void {
    if (depth > MAX_DEPTH || ++this.#visits > MAX_VISITS) return
    const fields = fieldsOf(value)
    let heading = card
    if (typeof fields?.actionable_text === 'string') this.#option(fields, card)
    else if (fieldsOf(fields?.thumbnail) || Array.isArray(fields?.actionables)) heading = this.#card(fields as Fields)
    for (const name of ['url', 'link', 'image']) this.#url(fields?.[name])
    for (const [name, child] of Object.entries(value))
      if (typeof child === 'object' && child !== null && name !== 'meta') this.read(child, depth + 1, heading)
  }

  #card(fields: Fields): string {
    const parts = [fields.title, fields.sub_title, fields.description].map(string)
    this.line(parts.filter(Boolean).join(' – '))
    this.#cards++
    return parts[0] ?? ''
  }

  #option(actionable: Fields, card: string): void {
    const label = string(actionable.actionable_text) || string(fieldsOf(actionable.payload)?.message)
    if (label) this.#options.push({ label, card })
  }

  #url(value: unknown): void {
    const url = string(value)
    if (ADDRESS.test(url)) this.#urls.add(url)
  }

  form(data: Fields | undefined): void {
    const fields = (Array.isArray(data?.fields) ? data.fields : []).map(fieldsOf).filter((field) => field !== undefined)
    const place = (field: Fields) => (typeof field.order === 'number' ? field.order : fields.length)
    for (const field of fields.sort((a, b) => place(a) - place(b))) {
      const label = string(field.hint) || string(field.key)
      const choices = (Array.isArray(field.options) ? field.options : []).map(string).filter(Boolean)
      if (label) this.#options.push({ label: choices.length ? `${label} (${choices.join(', ')})` : label, card: '' })
    }
  }

  toString(): string {
    // Among several cards a label such as "Buy" does not tell what it buys.
    const options = this.#options.map(({ label, card }) => (card && this.#cards > 1 ? `${label} (${card})` : label))
    return [...this.#lines, ...options.map((option, index) => `${index + 1}. ${option}`), ...this.#urls].join('\n')
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
}

function string(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}
