import type pg from 'pg'
import { openPool } from './database.js'
import type { Way } from './ways.js'

/** PostgreSQL's `temp_file_limit` is reached, which says nothing about the disk. */
const TEMPORARY_FILES_LIMITED = '53400'

// A temporary file of 200 KB beside the tables: an update alone finds room on a full disk, in an existing page.
const ROOM = `set local work_mem = '64kB'; set local temp_tablespaces = ''; select count(*) from generate_series(1, 8192)`
const WRITE = `insert into write_probes (id, at) values (1, now()) on conflict (id) do update set at = excluded.at`

/** Finds out whether the database can be written: commits a row, and makes a file that needs new room. */
export class WriteProbe {
  /** A pool of its own, so that the probe does not queue for a connection. */
  readonly #pool: pg.Pool

  constructor(connection: Way) {
    // a lost connection shows at the next probe
    this.#pool = openPool({ ...connection, name: 'probe', max: 1 }, () => {})
  }

  /** @throws the error of PostgreSQL if nothing can be written, or a timeout after 10 s */
  async write(): Promise<void> {
    try {
      await this.#pool.query(`begin; ${ROOM}; ${WRITE}; commit`)
    } catch (error) {
      if ((error as { code?: string }).code !== TEMPORARY_FILES_LIMITED) throw error
      await this.#pool.query(WRITE)
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}
