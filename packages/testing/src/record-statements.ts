/**
 * Jest loads this before each suite where TRACT_TEST_RECORD_STATEMENTS names a file: there, each statement that the service executes is
 * written down once, with the parameters that it had first. `scripts/check/citus` replays them.
 */
import { appendFileSync } from 'node:fs'
import { serialize } from 'node:v8'
import pg from 'pg'

const file = process.env.TRACT_TEST_RECORD_STATEMENTS ?? ''
const seen = new Set<string>()
const { prototype } = pg.Client
const { query } = prototype

prototype.query = function (this: pg.Client, ...args: unknown[]) {
  // what tests ask on connections of their own is none of the service's
  if (this.constructor.name === 'ServiceClient') {
    const [statement, values] = args
    const {
      name,
      text,
      values: own,
    } = (typeof statement === 'string' ? { text: statement } : statement) as pg.QueryConfig
    if (text !== undefined && !seen.has(text)) {
      seen.add(text)
      const recorded = { name, text, values: own ?? (Array.isArray(values) ? values : undefined) }
      appendFileSync(file, `${serialize(recorded).toString('base64')}\n`)
    }
  }
  return Reflect.apply(query, this, args)
} as typeof query
