/** What is being composed, and the element that it makes. */
import type { HslElement } from '@tract/contract'
import {
  actionable,
  buttons,
  carousel,
  carouselItem,
  form,
  image,
  link,
  quickReply,
  replyButton,
  text,
} from '@tract/contract/hsl'

export type Row = Readonly<Record<string, string>>

export interface Draft {
  kind: DraftKind
  text: string
  rows: readonly Row[]
}

export interface RowColumn {
  name: string
  label: string
  required?: boolean
  type?: 'url'
}

interface Kind {
  label: string
  textLabel: string
  /** What a row of the list is called; there is no list without it. */
  row?: string
  columns: readonly RowColumn[]
  /** @throws {Error} that says what is wrong */
  build: (text: string, rows: readonly Row[]) => HslElement
}

const LABEL: RowColumn = { name: 'label', label: 'Label', required: true }
const named = (row: Row, name: string): string => (row[name] ?? '').trim()

export const KINDS = {
  quick_replies: {
    label: 'Text with quick replies',
    textLabel: 'Text',
    row: 'Quick reply',
    columns: [LABEL, { name: 'message', label: 'Says (the label, if empty)' }],
    build: (words, rows) =>
      text(
        words,
        rows.map((row) => quickReply(named(row, 'label'), { message: named(row, 'message') || named(row, 'label') })),
      ),
  },
  buttons: {
    label: 'Buttons',
    textLabel: 'Text',
    row: 'Button',
    columns: [LABEL, { name: 'url', label: 'Opens (says its label, if empty)', type: 'url' }],
    build: (words, rows) =>
      buttons(
        words,
        rows.map((row) => {
          const url = named(row, 'url')
          return url ? link(named(row, 'label'), url) : replyButton(named(row, 'label'))
        }),
      ),
  },
  carousel: {
    label: 'Carousel',
    textLabel: 'Text (may be empty)',
    row: 'Card',
    columns: [
      { name: 'title', label: 'Title', required: true },
      { name: 'sub_title', label: 'Line below' },
      { name: 'image', label: 'Picture', type: 'url' },
      { name: 'button', label: 'Button' },
    ],
    build: (words, rows) =>
      carousel(
        rows.map((row) => {
          const button = named(row, 'button')
          const line = named(row, 'sub_title')
          return carouselItem(named(row, 'image'), {
            title: named(row, 'title'),
            ...(line && { sub_title: line }),
            actionables: button ? [actionable(button, { type: 'TEXT_ONLY', payload: { message: button } })] : [],
          })
        }),
        words ? { text: words } : {},
      ),
  },
  image: {
    label: 'Image',
    textLabel: 'Address of the picture',
    columns: [],
    build: (address) => image(address),
  },
  form: {
    label: 'Form',
    textLabel: 'Title',
    row: 'Field',
    columns: [LABEL, { name: 'options', label: 'Choices, with commas between' }],
    build: (title, rows) =>
      form(
        title,
        rows.map((row, index) => {
          const options = named(row, 'options')
            .split(',')
            .map((option) => option.trim())
            .filter(Boolean)
          const kind = options.length > 0 ? { type: 'picker', options } : {}
          return { key: `field_${index + 1}`, hint: named(row, 'label'), ...kind }
        }),
      ),
  },
  json: {
    label: 'Any element, as JSON',
    textLabel: 'JSON',
    columns: [],
    build: (json) => {
      const element: unknown = JSON.parse(json)
      if (typeof element !== 'object' || element === null || typeof (element as { type?: unknown }).type !== 'string')
        throw new Error('An element is an object with a type.')
      return element as HslElement
    },
  },
} as const satisfies Record<string, Kind>

export type DraftKind = keyof typeof KINDS

export const kindOf = (kind: DraftKind): Kind => KINDS[kind]

export const emptyDraft = (kind: DraftKind): Draft => ({ kind, text: '', rows: kindOf(kind).row ? [{}] : [] })

/** The element, or why there is none yet. */
export function elementOf({ kind, text: words, rows }: Draft): { element: HslElement } | { problem: string } {
  const { build, columns, textLabel } = kindOf(kind)
  if (kind !== 'carousel' && words.trim() === '') return { problem: `${textLabel} is empty.` }
  const lacking = columns.find(({ name, required }) => required && rows.some((row) => named(row, name) === ''))
  if (lacking) return { problem: `${lacking.label} is empty.` }
  try {
    return { element: build(words, rows) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
