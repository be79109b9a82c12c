import { jsonArray, plainArray, textArray } from './array-literals.js'

/** Types of columns. What is no text and no JSON has nothing in it that has to be escaped. */
type ColumnType = 'smallint' | 'int' | 'bigint' | 'uuid' | 'text' | 'jsonb' | 'sender'

/** A column: its type, and where its value stands in what a row is made of. */
type Column<Row> = readonly [ColumnType, (row: Row) => unknown]

/**
 * Rows as parameters of a statement, an array for each column: `unnest` turns them into rows again, at a tenth of what the database takes
 * for rows in JSON.
 */
export class RowParameters<Row> {
  readonly #columns: [string, Column<Row>][]

  constructor(columns: Readonly<Record<string, Column<Row>>>) {
    this.#columns = Object.entries(columns)
  }

  get count(): number {
    return this.#columns.length
  }

  /** `unnest($7::int[], …) as alias(column, …)`, for a `from`. @param after how many parameters there are before these */
  from(after: number, alias: string): string {
    const arrays = this.#columns.map(([, [type]], index) => `$${after + index + 1}::${type}[]`)
    return `unnest(${arrays.join(', ')}) as ${alias}(${this.#columns.map(([name]) => name).join(', ')})`
  }

  values(rows: readonly Row[]): string[] {
    return this.#columns.map(([, [type, read]]) => arrayOf(type)(rows.map(read) as never[]))
  }
}

function arrayOf(type: ColumnType): (elements: never[]) => string {
  if (type === 'text') return textArray
  return type === 'jsonb' ? jsonArray : plainArray
}
