/** What one connection has locked, and the connections that wait for it. */
import type pg from 'pg'

const WAITING = "datname = current_database() and wait_event_type = 'Lock'"

export class Lock {
  private constructor(
    private readonly pool: pg.Pool,
    /** The connection, in the midst of a transaction. */
    readonly holder: pg.PoolClient,
  ) {}

  static async hold(pool: pg.Pool, statement: string, values: unknown[]): Promise<Lock> {
    const holder = await pool.connect()
    await holder.query('begin')
    await holder.query(statement, values)
    return new Lock(pool, holder)
  }

  async release(how: 'commit' | 'rollback' = 'rollback'): Promise<void> {
    await this.holder.query(how)
    this.holder.release()
  }

  /** The connection that waits with a statement that has such words. */
  async waiting(words = ''): Promise<number | undefined> {
    const text = `select pid from pg_stat_activity where ${WAITING} and query ~ $1`
    return (await this.pool.query<{ pid: number }>(text, [words])).rows[0]?.pid
  }

  async kill(pid: number): Promise<void> {
    await this.pool.query('select pg_terminate_backend($1)', [pid])
  }

  /** Cuts every connection that waits, until the call is answered; then the lock is gone. */
  async killWhile<T>(calling: () => Promise<T>): Promise<T> {
    let answered = false
    const answer = calling().finally(() => {
      answered = true
    })
    try {
      while (!answered) {
        await this.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${WAITING}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    } finally {
      await this.release()
    }
    return answer
  }
}
