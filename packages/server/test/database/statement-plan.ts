/** How PostgreSQL would carry out a statement, and whether that stays within buckets. */
import type pg from 'pg'

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Index Cond'?: string
  Operation?: string
  Plans?: PlanNode[]
}

/** The tables that are keyed by bucket. */
export async function bucketTables(pool: pg.Pool): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ table_name: string }>(
    `select table_name from information_schema.columns join information_schema.tables using (table_schema, table_name)
      where table_schema = 'public' and table_type = 'BASE TABLE' and column_name = 'bucket'`,
  )
  return new Set(rows.map(({ table_name }) => table_name))
}

/**
 * What is wrong with the plan of a statement that touches tables of `tables`: each look into one of them has to be an index's, with the
 * bucket among its conditions, and an insert of rows reads some table (`IN_SLICE`). The plan is the generic one, as prepared statements are run: parameters are not known.
 */
export async function planProblems(pool: pg.Pool, text: string, tables: ReadonlySet<string>): Promise<string[]> {
  const { rows } = await pool.query(`explain (generic_plan, format json) ${text}`)
  const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan)
  if (!nodes.some(({ 'Relation Name': table }) => table !== undefined && tables.has(table))) return []
  return nodes.flatMap((node) => problemOf(node, tables) ?? insertProblem(node, tables) ?? [])
}

/** Whether the statement, by its plan, looks into a table that is keyed by bucket, or writes to one. */
export async function touches(pool: pg.Pool, text: string, tables: ReadonlySet<string>): Promise<boolean> {
  const { rows } = await pool.query(`explain (generic_plan, format json) ${text}`)
  return nodesOf(rows[0]['QUERY PLAN'][0].Plan).some(({ 'Relation Name': table }) => tables.has(table ?? ''))
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

const NAMES_BUCKET = /\bbucket = /

function problemOf(node: PlanNode, tables: ReadonlySet<string>): string | undefined {
  const { 'Node Type': type, 'Relation Name': table = '', 'Index Cond': condition = '' } = node
  if (type === 'Seq Scan') return `goes through ${table} from end to end`
  if (type === 'Bitmap Index Scan')
    return NAMES_BUCKET.test(condition) ? undefined : `looks without a bucket: ${condition}`
  if (!tables.has(table) || type === 'ModifyTable' || type === 'Bitmap Heap Scan') return undefined
  if (type !== 'Index Scan' && type !== 'Index Only Scan') return `reads ${table} by a ${type}`
  return NAMES_BUCKET.test(condition)
    ? undefined
    : `looks into ${table} without a bucket: ${condition || 'no condition'}`
}

/** Rows of parameters come from functions. One row of values has its bucket beside it. */
function insertProblem(node: PlanNode, tables: ReadonlySet<string>): string | undefined {
  const { Operation: operation, 'Relation Name': table = '', Plans: plans = [] } = node
  if (operation !== 'Insert' || !tables.has(table)) return undefined
  const from = plans.flatMap(nodesOf)
  const isOfRows = from.some(({ 'Node Type': type }) => type === 'Function Scan' || type === 'CTE Scan')
  return isOfRows && !from.some(({ 'Relation Name': read }) => read !== undefined)
    ? `inserts into ${table} rows that come from no table`
    : undefined
}
