/**
 * Writes what was found as a file: a page is read, written, and then the next one is read, once the caller has taken what
 * is there. What is in memory of an export is a page. It breaks off where the caller goes or takes nothing for a minute, its
 * token does not count any more, or the service stops; a caller tells a whole file by the end of the answer.
 */
import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { toJson } from '@tract/contract'
import { Refusal } from '../../accept/refusal.js'
import type { Authentication } from '../../authentication/authentication.js'
import type { Access } from '../../authentication/token-verifier.js'
import { type Column, csvLine, csvRow } from './csv.js'

/** What it needs of a call. */
interface ExportCall {
  access: Access
  takeOver(): ServerResponse
}

/** Of a process: each takes a connection to the database as long as a page is read. */
const MOST_AT_ONCE = 4
/** Milliseconds in which a caller takes nothing. */
const IDLE_MS = 60_000
/** Rows that are read at a time. */
export const EXPORT_PAGE = 200

const TYPES = { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson' } as const
export type ExportFormat = keyof typeof TYPES

export interface Export<Row> {
  /** Of the file, without its ending. */
  name: string
  format?: ExportFormat | undefined
  columns: readonly Column<Row>[]
  pages: AsyncGenerator<readonly Row[]>
}

export class Exports {
  readonly #authentication: Pick<Authentication, 'counts'>
  readonly #stopping = new AbortController()
  readonly #idleMs: number
  #underWay = 0

  constructor(authentication: Pick<Authentication, 'counts'>, idleMs = IDLE_MS) {
    this.#authentication = authentication
    this.#idleMs = idleMs
  }

  /** @throws {Refusal} `rate_limited`, and what reading the first page throws: nothing was answered then */
  async send<Row>(call: ExportCall, { name, format = 'csv', columns, pages }: Export<Row>): Promise<string> {
    if (this.#underWay >= MOST_AT_ONCE)
      throw new Refusal(
        'rate_limited',
        'As many exports are under way as the service writes at a time; repeat the call later.',
      )
    this.#underWay++
    try {
      const first = await pages.next()
      const answer = call.takeOver()
      answer.setTimeout(this.#idleMs, () => answer.destroy())
      answer.writeHead(200, {
        'content-type': TYPES[format],
        'content-disposition': `attachment; filename="${name}.${format}"`,
        'x-accel-buffering': 'no',
      })
      const written = this.#written(call, format, columns, first, pages)
      await pipeline(written, answer, { signal: this.#stopping.signal }).catch(() => answer.destroy())
    } finally {
      this.#underWay--
    }
    // what goes out has been taken over
    return ''
  }

  /** Breaks off what is under way: the service stops. */
  release(): void {
    this.#stopping.abort()
  }

  async *#written<Row>(
    call: ExportCall,
    format: ExportFormat,
    columns: readonly Column<Row>[],
    first: IteratorResult<readonly Row[]>,
    pages: AsyncGenerator<readonly Row[]>,
  ): AsyncGenerator<string> {
    if (format === 'csv') yield csvLine(columns.map(([name]) => name))
    const line = (row: Row) => (format === 'csv' ? csvRow(columns, row) : `${toJson(row)}\n`)
    for (let page = first; page.done !== true; page = await pages.next()) {
      if (!this.#authentication.counts(call.access)) throw new Error('The token does not count any more.')
      if (page.value.length > 0) yield page.value.map(line).join('')
    }
  }
}
