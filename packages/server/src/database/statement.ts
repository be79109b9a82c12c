/**
 * A statement whose parameters have names. A parameter is a value (`'int'`), an array (`'int[]'`), or rows: columns by
 * name. Rows travel as one array for each column, and `unnest` makes rows of them again: that costs the database a
 * tenth of what rows in JSON cost.
 *
 *     const DUE = statement({
 *       name: 'lanes_make_due',
 *       parameters: { lanes: { bucket: 'smallint', userId: 'text' }, now: 'timestamptz' },
 *       text: ({ lanes, now }) => `update … set next_at = ${now} from ${lanes('k')} where l.user_id = k.user_id …`,
 *     })
 *     await db.query(DUE({ lanes: [{ bucket: 1, userId: 'asha' }], now }))
 *
 * A column is called in SQL as the field of the row is, in snake_case.
 */
import type pg from 'pg'
import { binaryArray, binaryColumn, type ElementType } from './binary-arrays.js'

/** Enums of the data model: their numbers differ from database to database, so they travel in the text form of an array. */
const ENUMS: ReadonlySet<string> = new Set(['sender', 'conversation_state', 'delivery_end_state'])

interface Types {
  smallint: number
  int: number
  bigint: number
  boolean: boolean
  uuid: string
  text: string
  jsonb: unknown
  bytea: Uint8Array
  timestamptz: Date
  // enums of the data model
  sender: string
  conversation_state: string
  delivery_end_state: string
}

/** The column of a row's index among the rows: `int`, and no field of the row. */
type Index = 'index'

type Type = keyof Types
export type Columns = Readonly<Record<string, Type | Index>>
export type RowOf<C extends Columns> = {
  readonly [Name in keyof C as C[Name] extends Type ? Name : never]: C[Name] extends Type
    ? Types[C[Name]] | null
    : never
}

type Parameters = Readonly<Record<string, Type | `${Type}[]` | Columns>>

type ValueOf<P> = P extends Type
  ? Types[P] | null
  : P extends `${infer Element extends Type}[]`
    ? readonly (Types[Element] | null)[]
    : P extends Columns
      ? readonly RowOf<P>[]
      : never

export type Values<P extends Parameters> = { readonly [Name in keyof P]: ValueOf<P[Name]> }

/** How a text refers to its parameters: to rows by `rows('alias')`, which stands in a `from`. */
export type References<P extends Parameters> = {
  readonly [Name in keyof P]: P[Name] extends string ? string : (alias: string) => string
}

/** Of a prepared statement. Without a name it is planned each time. */
interface Definition<P extends Parameters> {
  name?: string
  parameters: P
  text: (parameters: References<P>) => string
}

export function statement<const P extends Parameters>(
  definition: Definition<P>,
): (values: Values<P>) => pg.QueryConfig<unknown[]> {
  const columns: { parameter: string; field: string | null; type: string }[] = []
  const references: Record<string, string | ((alias: string) => string)> = {}
  for (const [parameter, type] of Object.entries(definition.parameters)) {
    const fields = typeof type === 'string' ? [[null, type] as const] : Object.entries(type)
    const placeholders = fields.map(([field, fieldType]) => {
      const count = columns.push({ parameter, field, type: fieldType })
      const type = fieldType === 'index' ? 'int' : fieldType
      return field === null ? `$${count}::${type}` : `$${count}::${type}[]`
    })
    const names = fields.map(([field]) => `"${snakeCase(field ?? '')}"`)
    references[parameter] =
      typeof type === 'string'
        ? (placeholders[0] as string)
        : (alias) => `unnest(${placeholders.join(', ')}) as ${alias}(${names.join(', ')})`
  }
  const text = definition.text(references as References<P>)
  const { name } = definition
  return (values) => ({
    ...(name !== undefined && { name }),
    text,
    values: columns.map(({ parameter, field, type }) => {
      const value = values[parameter]
      if (field === null) return type.endsWith('[]') ? arrayOf(type.slice(0, -2), value as unknown[]) : value
      const rows = value as Record<string, unknown>[]
      if (type === 'index')
        return binaryArray(
          'int',
          rows.map((_, index) => index),
        )
      return ENUMS.has(type) ? enumArray(rows.map((row) => row[field])) : binaryColumn(type as ElementType, rows, field)
    }),
  })
}

const arrayOf = (type: string, elements: readonly unknown[]): Buffer | string =>
  ENUMS.has(type) ? enumArray(elements) : binaryArray(type as ElementType, elements)

const enumArray = (names: readonly unknown[]): string => `{${names.map((name) => name ?? 'null').join()}}`

/**
 * Keeps rows whose `place` is one of the CTE's. The `case` keeps `in` from becoming a join, which would compare each
 * row with each place; as it is, the places are hashed.
 */
export const isPlaceOf = (cte: string, row: string): string =>
  `case when ${row}.place in (select place from ${cte}) then true end`

/**
 * True, for inserts of what a statement is given. Where they read from no table, Citus has each row pass the coordinator, and tells
 * all nodes what the statement has found so far; with a look into one table of the slice (`onCitus`), it is done there alone.
 * Elsewhere that look would be a tenth of what a message by itself costs the database, so it is not in the text.
 */
export const IN_SLICE = 'true /* in slice */'

/** The text for a database with Citus. */
export const onCitus = (text: string): string => text.replaceAll(IN_SLICE, 'exists (select from buckets)')

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
