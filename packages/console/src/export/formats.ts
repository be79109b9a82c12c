/** A list as a file: a table for people, or a line of JSON for each row. */
import { toJson } from '@tract/contract/json'

export type Cell = string | number | null | undefined

export interface ExportColumn<Row> {
  name: string
  of: (row: Row) => Cell
}

export type Format = 'csv' | 'ndjson'

export const TYPES: Readonly<Record<Format, string>> = { csv: 'text/csv;charset=utf-8', ndjson: 'application/x-ndjson' }

/** The pages of a list in a format, each as a piece of the file. */
export async function* piecesOf<Row>(
  format: Format,
  columns: readonly ExportColumn<Row>[],
  pages: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(columns.map(({ name }) => name))
  for await (const rows of pages) {
    yield rows
      .map((row) => (format === 'csv' ? csvLine(columns.map(({ of }) => of(row))) : `${toJson(row)}\n`))
      .join('')
  }
}

/** RFC 4180. What a spreadsheet would take for a formula is text to it. */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(csvCell).join(',')}\r\n`

function csvCell(cell: Cell): string {
  if (typeof cell === 'number') return String(cell)
  const text = cell ?? ''
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
