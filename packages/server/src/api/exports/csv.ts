/** CSV of RFC 4180. */

/** A column: its name, and what a row has there. */
export type Column<Row> = readonly [name: string, value: (row: Row) => string | number | undefined]

/** What a spreadsheet would run as a formula, in either width. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/

const SPECIAL = /[",\r\n]|^\s|\s$/

/** A text that could be a formula begins with an apostrophe, which spreadsheets do not show. */
export function cell(value: string | number | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const csvLine = (cells: readonly (string | number | undefined)[]): string => `${cells.map(cell).join(',')}\r\n`

export const csvRow = <Row>(columns: readonly Column<Row>[], row: Row): string =>
  csvLine(columns.map(([, value]) => value(row)))
