import type pg from 'pg'

/** What a statement needs: a pool, or the one connection of a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(statement: pg.QueryConfig): Promise<pg.QueryResult<Row>>
}
