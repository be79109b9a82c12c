import type pg from 'pg'
import { openPool } from './database.js'

/** Of PostgreSQL: `temp_file_limit` is reached, which says nothing of the disk. */
const TEMPORARY_FILES_LIMITED = '53400'

// A file of some 200 KB that is gone again, where the tables are: an update finds room on a full disk, in a page that there is.
const ROOM = `set local work_mem = '64kB'; set local temp_tablespaces = ''; select count(*) from generate_series(1, 8192)`
const WRITE = `insert into write_probes (id, at) values (1, now()) on conflict (id) do update set at = excluded.at`

/**
 * Finds out whether something can be written, by writing it: a row is committed, and a file is made that needs new room. A database that
 * only reads, that has no room left, or that is not there fails at one of them.
 */
export class WriteProbe {
  /** One of its own: what queues for the others is not what is asked for. */
  readonly #pool: pg.Pool

  constructor(connection: pg.PoolConfig) {
    // a connection that is lost shows at the next probe
    this.#pool = openPool({ ...connection, max: 1 }, () => {})
  }

  /** @throws what PostgreSQL says if nothing can be written, after ten seconds at most if it says nothing */
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
