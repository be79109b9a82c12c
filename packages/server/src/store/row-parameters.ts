import { jsonArray, plainArray, textArray } from './array-literals.js'

/** Types of columns. What is no text and no JSON has nothing in it that has to be escaped. */
type ColumnType = 'smallint' | 'int' | 'bigint' | 'uuid' | 'text' | 'jsonb' | 'sender'

/**
 * Rows as parameters of a statement, an array for each column: `unnest` turns them into rows again, at a tenth of what the database takes
 * for rows in JSON.
 */
export class RowParameters<Column extends string> {
  readonly #columns: [Column, ColumnType][]

  constructor(columns: Record<Column, ColumnType>) {
    this.#columns = Object.entries(columns) as [Column, ColumnType][]
  }

  get count(): number {
    return this.#columns.length
  }

  /** `unnest($7::int[], …) as alias(column, …)`, for a `from`. @param after how many parameters there are before these */
  from(after: number, alias: string): string {
    const arrays = this.#columns.map(([, type], index) => `$${after + index + 1}::${type}[]`)
    return `unnest(${arrays.join(', ')}) as ${alias}(${this.names()})`
  }

  /** `column, …`, or with a prefix `prefix.column, …`. */
  names(prefix = ''): string {
    return this.#columns.map(([name]) => (prefix === '' ? name : `${prefix}.${name}`)).join(', ')
  }

  values(rows: readonly Readonly<Record<Column, unknown>>[]): string[] {
    return this.#columns.map(([name, type]) => arrayOf(type)(rows.map((row) => row[name]) as never[]))
  }
}

function arrayOf(type: ColumnType): (elements: never[]) => string {
  if (type === 'text') return textArray
  return type === 'jsonb' ? jsonArray : plainArray
}
