/** A row that another connection has locked, and the connections that wait for it. */
import pg from 'pg'

const WAITING = "datname = current_database() and wait_event_type = 'Lock'"

export class Lock {
  readonly #holder: pg.Client
  readonly #observer: pg.Client

  private constructor(holder: pg.Client, observer: pg.Client) {
    this.#holder = holder
    this.#observer = observer
  }

  /** `statement` locks a row that has `value`. */
  static async hold(databaseUrl: string, statement: string, value: string): Promise<Lock> {
    const [holder, observer] = [0, 1].map(() => new pg.Client({ connectionString: databaseUrl })) as [
      pg.Client,
      pg.Client,
    ]
    await holder.connect()
    await observer.connect()
    await holder.query('begin')
    await holder.query(statement, [value])
    return new Lock(holder, observer)
  }

  async release(): Promise<void> {
    await this.#holder.end()
    await this.#observer.end()
  }

  /** The connection that waits with such a statement. */
  async waiting(statement: string): Promise<number | undefined> {
    const text = `select pid from pg_stat_activity where ${WAITING} and query ~ $1`
    return (await this.#observer.query<{ pid: number }>(text, [statement])).rows[0]?.pid
  }

  async kill(pid: number): Promise<void> {
    await this.#observer.query('select pg_terminate_backend($1)', [pid])
  }

  /** Cuts every connection that waits, until the call is answered; then the lock is gone. */
  async killWhile<T>(calling: () => Promise<T>): Promise<T> {
    let answered = false
    const answer = calling().finally(() => {
      answered = true
    })
    try {
      while (!answered) {
        await this.#observer.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${WAITING}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    } finally {
      await this.release()
    }
    return answer
  }
}
