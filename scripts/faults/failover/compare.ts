import { until } from '../../../packages/testing/src/until.js'
import type { Load } from './load.js'

type Query = (statement: string) => Promise<{ rows: { count: number }[] }>

/** Everything that was accepted is stored under the number of its turn, and comes to the desk in that order. */
export async function compare(load: Load, query: Query, wrong: string[]): Promise<void> {
  for (const [user, numbers] of load.accepted) {
    const heard = () => [...(load.heard.get(user) ?? [])]
    await until(() => heard().length >= numbers.length, `what ${user} wrote`).catch((error: Error) =>
      wrong.push(`${user}: ${numbers.length} were accepted, ${heard().length} arrived (${error.message})`),
    )
    if (heard().join() !== numbers.join()) wrong.push(`${user}: out of order: ${heard().join(' ')}`)
    const { rows } = await query(`select count(*)::int from messages where user_id = '${user}'`)
    if (rows[0]?.count !== numbers.length)
      wrong.push(`${user}: ${numbers.length} were accepted, ${rows[0]?.count} are stored`)
  }
}
