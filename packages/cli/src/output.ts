import { randomUUID } from 'node:crypto'
import { styleText } from 'node:util'
import stringWidth from 'string-width'
import { type ProcessIo, wantsColour } from './process-io.js'

type Style = Parameters<typeof styleText>[0]

/** Control characters, and those that turn the direction of writing: what a stranger wrote must not steer the terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const STEERING = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g
const shown = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Text that is safe to show on one line, even if a stranger wrote it. */
export const plain = (text: string) => text.replace(STEERING, shown)

/** In place of the escape character of our own colours, until text goes out: nothing that comes from elsewhere can hold it. */
const OWN_ESCAPE = `<${randomUUID()}>`

/** Lines and tabs are a text's own. */
const harmless = (text: string) =>
  text.replace(STEERING, (character) => (/[\n\t]/.test(character) ? character : shown(character)))

/**
 * Text as it goes to a terminal, even if a stranger wrote it: only our own colours are more than text. In JSON, where nothing
 * but strings can have such characters, it is the same text.
 */
export const toTerminal = (text: string) => harmless(text).replaceAll(OWN_ESCAPE, '\u001b')

/** Results go to standard output, as tables or, with `--json`, as JSON; everything else to standard error. */
export class Output {
  readonly json: boolean
  readonly #io: Pick<ProcessIo, 'env' | 'stdout' | 'stderr'>

  constructor(io: Pick<ProcessIo, 'env' | 'stdout' | 'stderr'>, json: boolean) {
    this.json = json
    this.#io = io
  }

  /** @param stream where the text is to go */
  paint(style: Style, text: string, stream: 'stdout' | 'stderr' = 'stdout'): string {
    const isColoured = !this.json && wantsColour(this.#io.env, this.#io[stream])
    if (!isColoured) return text
    return styleText(style, harmless(text), { validateStream: false }).replaceAll('\u001b', OWN_ESCAPE)
  }

  /** A line of the result. Text of others goes through `plain` first, or it could pretend to be lines of its own. */
  line(text = ''): void {
    this.#io.stdout.write(toTerminal(`${text}\n`))
  }

  /** The whole result: as one JSON value, or as `show` shows it. */
  result(value: unknown, show: () => void): void {
    if (this.json) this.line(JSON.stringify(value, null, 2))
    else show()
  }

  /** One of the results that come one by one: as a line of JSON, or as `text`. */
  item(value: unknown, text: string): void {
    this.line(this.json ? JSON.stringify(value) : text)
  }

  /** What a person should know, and no program reads. */
  note(text: string): void {
    this.#io.stderr.write(toTerminal(`${text}\n`))
  }

  table(columns: readonly string[], rows: readonly (readonly (string | undefined)[])[]): void {
    if (rows.length === 0) return
    const cells = rows.map((row) => row.map((cell) => plain(cell ?? '-')))
    const widths = columns.map((name, index) =>
      Math.max(...[name, ...cells.map((row) => row[index] ?? '')].map((cell) => stringWidth(cell))),
    )
    const padded = (row: readonly string[]) =>
      row
        .map((cell, index) => cell + ' '.repeat((widths[index] as number) - stringWidth(cell)))
        .join('  ')
        .trimEnd()
    this.line(this.paint('bold', padded(columns)))
    for (const row of cells) this.line(padded(row))
  }

  /** Names and values, one below the other; without those that are not there. */
  fields(fields: Readonly<Record<string, string | number | boolean | undefined>>): void {
    const present = Object.entries(fields).filter(([, value]) => value !== undefined)
    const width = Math.max(...present.map(([name]) => name.length))
    for (const [name, value] of present) this.line(`${this.paint('dim', name.padEnd(width))}  ${plain(String(value))}`)
  }
}
