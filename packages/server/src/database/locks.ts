/**
 * A lock of the database that lasts for several transactions. At the server it is the session's. Through a pooler that
 * would stay behind on a connection that others get: there, a transaction of its own holds it, on a connection of its own.
 */
import { connectOnce, type ServiceClient } from './connections.js'

/** Older versions, and Prisma's command line, hold their locks by session. */
const HOLDER = `select a.pid, a.application_name as application, a.state, a.state_change as since
  from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.granted and l.database = (select oid from pg_database where datname = current_database())
    and l.classid = 0 and l.objid = $1 and l.objsubid = 1`

/**
 * Runs `work`, which has transactions of its own on the connection, while no other process holds the lock. A process that
 * dies lets go of it.
 * @param onWait told if the lock is held by another, and by what
 */
export async function whileLocked<T>(
  client: ServiceClient,
  lock: number,
  work: () => Promise<T>,
  onWait: (text: string) => void = () => {},
): Promise<T> {
  if (client.hasPooler) return whileHeldBeside(client, lock, work, onWait)
  const { rows } = await client.query('select pg_try_advisory_lock($1) as held', [lock])
  if (!rows[0]?.held) {
    onWait(await waitingFor(client, lock))
    await client.query('select pg_advisory_lock($1)', [lock])
  }
  try {
    return await work()
  } finally {
    await client.query('select pg_advisory_unlock($1)', [lock]).catch(() => {})
  }
}

async function whileHeldBeside<T>(
  client: ServiceClient,
  lock: number,
  work: () => Promise<T>,
  onWait: (text: string) => void,
): Promise<T> {
  const holder = await connectOnce(client.way)
  // work without the lock would go beside that of others
  const end = () => void client.end().catch(() => {})
  holder.once('end', end)
  try {
    await holder.query('begin; set local idle_in_transaction_session_timeout = 0')
    const { rows } = await holder.query('select pg_try_advisory_xact_lock($1) as held', [lock])
    if (!rows[0]?.held) {
      onWait(await waitingFor(holder, lock))
      await holder.query('select pg_advisory_xact_lock($1)', [lock])
    }
    return await work()
  } finally {
    holder.off('end', end)
    await holder.query('rollback').catch(() => {})
    await holder.end().catch(() => {})
  }
}

async function waitingFor(holder: ServiceClient, lock: number): Promise<string> {
  const [other] = (await holder.query(HOLDER, [lock])).rows
  const who = other
    ? `${other.application || 'a connection without a name'}, process ${other.pid} of the server`
    : 'gone now'
  const stuck =
    other?.state === 'idle'
      ? ` It has done nothing since ${other.since.toISOString()}: if it is left over behind a pooler, \`select pg_terminate_backend(${other.pid})\` ends it.`
      : ''
  return `Another process is at this step, and is waited for (${who}).${stuck}`
}
