/**
 * The hosts of the database, of which one takes writes. A connection goes to the host that served last; where that fails,
 * or turns out to be another kind of server than is wanted, to the next one. Once a host has served, connections to
 * any other are stale, and so are all once a statement was refused because its server only reads.
 *
 * In an address they stand as libpq reads them: `h1:5432,h2:5433` before the path, or in the parameters `host` and
 * `port`; `target_session_attrs` says which kind of server is wanted, `connect_timeout` how many seconds a host has.
 */
import type pg from 'pg'

/** What is asked of a server. Several hosts without a word of it are asked for one that takes writes. */
export type Wanted = 'any' | 'read-write' | 'primary'

/** What a server says of itself. */
export interface ServerState {
  readOnly: boolean
  standby: boolean
}

/** Of a list, the next host follows. */
const TIMEOUT_MS = 2_000

export class Hosts {
  #at = 0
  #served: pg.ClientConfig | undefined
  #era = 0

  constructor(
    readonly places: readonly pg.ClientConfig[],
    readonly wanted: Wanted,
    readonly timeoutMs: number,
  ) {}

  /** Where the next connection goes. */
  get next(): pg.ClientConfig {
    return this.places[this.#at] as pg.ClientConfig
  }

  /** A connection of an earlier one is stale. */
  get era(): number {
    return this.#era
  }

  suits({ readOnly, standby }: ServerState): boolean {
    return this.wanted === 'any' || !(this.wanted === 'primary' ? standby : readOnly)
  }

  /** No connection came about there. Of many that fail together, the first moves on. */
  leave(place: pg.ClientConfig): void {
    if (place === this.next) this.#at = (this.#at + 1) % this.places.length
  }

  serves(place: pg.ClientConfig): void {
    if (place === this.#served) return
    this.#served = place
    this.#era++
  }

  /** A server has begun to only read. */
  doubt(era: number): void {
    if (era !== this.#era) return
    this.#served = undefined
    this.#era++
  }
}

interface HostList {
  /** An address for each host, without what only the list needs. */
  urls: string[]
  /** Null: the address says nothing of hosts but one. */
  wanted: Wanted | null
  timeoutMs: number
}

const PARTS = /^(postgres(?:ql)?:\/\/)((?:[^/?#]*@)?)([^/?#]*)([^?#]*)(?:\?(.*))?$/s
const OF_READERS = ['read-only', 'standby', 'prefer-standby']

/** @throws {Error} that says what is wrong */
export function hostsOf(databaseUrl: string): HostList {
  const [, scheme = '', user = '', authority = '', path = '', query = ''] = PARTS.exec(databaseUrl) ?? []
  const parameters = new URLSearchParams(query)
  const take = (name: string) => {
    const given = parameters.get(name)
    parameters.delete(name)
    return given
  }
  const wanted = wantedOf(take('target_session_attrs'))
  const timeout = timeoutOf(take('connect_timeout'))
  const places = placesOf(authority, parameters.get('host'), parameters.get('port'))
  if (places.length === 1 && wanted === null && timeout === null)
    return { urls: [databaseUrl], wanted: null, timeoutMs: TIMEOUT_MS }
  const urls = places.map(({ host, port }) => {
    parameters.set('host', host)
    parameters.set('port', port)
    return `${scheme}${user}host${path}?${parameters}`
  })
  return {
    urls,
    wanted: wanted ?? (places.length > 1 ? 'read-write' : 'any'),
    timeoutMs: timeout ?? TIMEOUT_MS,
  }
}

function placesOf(authority: string, hosts: string | null, ports: string | null): { host: string; port: string }[] {
  const named = authority.split(',').map((each) => {
    const [, host = '', port = ''] = /^(.*?)(?::(\d*))?$/.exec(each) ?? []
    return { host: decodeURIComponent(host.replace(/^\[(.*)\]$/, '$1')), port }
  })
  const listed = hosts ? hosts.split(',').map((host) => ({ host, port: '' })) : named
  const given = ports?.split(',') ?? []
  if (given.length > 1 && given.length !== listed.length)
    throw new Error(`it has ${listed.length} hosts and ${given.length} ports: give one port to all, or each its own.`)
  return listed.map(({ host, port }, index) => {
    const its = (given.length > 1 ? given[index] : given[0]) || port || '5432'
    if (!/^\d+$/.test(its) || Number(its) < 1 || Number(its) > 65_535)
      throw new Error(`a port must be an integer from 1 to 65535, not '${its}'.`)
    return { host, port: its }
  })
}

function wantedOf(given: string | null): Wanted | null {
  if (given === null || given === 'any' || given === 'read-write' || given === 'primary') return given
  if (OF_READERS.includes(given))
    throw new Error(`target_session_attrs=${given} leads to a server that only reads, and TRACT writes.`)
  throw new Error(`target_session_attrs must be one of read-write, primary, any, not '${given}'.`)
}

/** As in libpq, 0 sets no other limit than the usual one, and 1 counts as 2. */
function timeoutOf(given: string | null): number | null {
  if (given === null) return null
  if (!/^\d{1,4}$/.test(given))
    throw new Error(`connect_timeout must be an integer from 0 to 9999, in seconds, not '${given}'.`)
  return given === '0' ? null : Math.max(2, Number(given)) * 1_000
}
