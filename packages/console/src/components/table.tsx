import { type ReactNode, useRef } from 'react'
import './table.css'
import { useTableKeys } from './use-table-keys.js'

export interface Column<Row> {
  header: string
  cell: (row: Row) => ReactNode
  /** For figures. */
  numeric?: boolean
  /** What the header means, where a word does not say it. */
  about?: string
}

interface TableProps<Row> {
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  keyOf: (row: Row) => string
}

/** A table that becomes a list of cards where there is no room for columns: each cell knows its header. */
export function Table<Row>({ caption, columns, rows, keyOf }: TableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null)
  const keys = useTableKeys(body)
  return (
    <div className="table-frame">
      <table className="table">
        <caption className="unseen">
          {caption}
          {keys.isOneStop && '. The arrow keys move between its rows.'}
        </caption>
        <thead>
          <tr>
            {columns.map(({ header, numeric, about }) => (
              <th key={header} scope="col" className={numeric ? 'numeric' : undefined} title={about}>
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={keys.onKeyDown} onFocus={keys.onFocus}>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ header, cell, numeric }) => (
                <td key={header} data-header={header} className={numeric ? 'numeric' : undefined}>
                  <div>{cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {keys.isOneStop && (
        <p className="table-keys hint" aria-hidden="true">
          ↑ ↓ ← → move within the table
        </p>
      )}
    </div>
  )
}
