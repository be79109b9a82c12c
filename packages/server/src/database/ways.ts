import type pg from 'pg'
import { Hosts, hostsOf } from './hosts.js'
import { tlsWaysTo } from './tls-settings.js'

/** How to connect to the database, as the start has found it: for every later connection of the process. */
export interface Way extends pg.ClientConfig {
  /** Where the address says something of hosts; the rest of the way is in their places then. */
  hosts?: Hosts
  /** A pooler on the way keeps prepared statements apart. Known where there is one. */
  poolerKnowsStatements?: boolean
  /** Milliseconds after which a database that does not answer counts as gone: a network can fail without an error. */
  timeoutMs?: number
  /** Where the tables are: the first schema on the search path. */
  schema?: string
  /** The schemas of the slices (`slices.ts`); none: that one has everything. */
  slices?: readonly string[]
  /** The database has Citus (`citus.ts`). */
  hasCitus?: boolean
  /** To the server itself, for LISTEN; null: there is no such way. The same way, where it is not given. */
  direct?: Way | null
}

/**
 * How to connect, in the order in which it is tried: a mode of TLS that leaves it to the server has two ways.
 * @throws {Error} that says what is wrong with a setting
 */
export function waysTo(databaseUrl: string): readonly Way[] {
  const { urls, wanted, timeoutMs } = hostsOf(databaseUrl)
  const byHost = urls.map(tlsWaysTo)
  if (wanted === null) return byHost.flat()
  const count = Math.max(...byHost.map((ways) => ways.length))
  return Array.from({ length: count }, (_, index) => {
    // a socket has one way
    const places = byHost.map((ways) => ways[Math.min(index, ways.length - 1)] as pg.ClientConfig)
    return { hosts: new Hosts(places, wanted, timeoutMs) }
  })
}
