/**
 * The one connection for what a start does before the first answer. It has no limit in time but those of the operator's
 * database, so a slow machine or a distant database makes a start slow, and does not fail it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { ServiceClient } from './connections.js'
import { connectAlone } from './database.js'
import { type Way, waysTo } from './ways.js'

/** The database cannot be used as the operator has set it up: a sentence that names the setting. */
export class DatabaseSettingError extends Error {
  override name = 'DatabaseSettingError'
}

const STARTING_UP = '57P03'
/** Also where pg_hba.conf has no entry for a connection with TLS, or without. */
const INVALID_AUTHORIZATION = '28000'
const READ_ONLY = '25006'
const PAUSE_MS = 500

/** A connection, and the way that led to it: every later one goes that way too. */
export interface StartConnection {
  connection: Way
  setup: ServiceClient
}

/** What the address is given by. */
export type AddressSetting = 'DATABASE_URL' | 'DATABASE_DIRECT_URL'

interface Failure {
  place: pg.ClientConfig
  error: unknown
}

/** @param notice told why a start is slow @throws {DatabaseSettingError} */
export async function connectToStart(
  databaseUrl: string,
  notice: (text: string) => void,
  setting: AddressSetting = 'DATABASE_URL',
): Promise<StartConnection> {
  for (let told = false; ; told = true) {
    const failures: Failure[][] = []
    for (const connection of waysOf(databaseUrl, setting)) {
      const ofThisWay: Failure[] = []
      try {
        const setup = await connectAlone(connection, 'start', (place, error) => ofThisWay.push({ place, error }))
        return { connection, setup }
      } catch (error) {
        failures.push(ofThisWay)
        if (!mayBeOfTheWay(error)) break
      }
    }
    const saying = failures.find((ofOne) => ofOne.some(({ error }) => !mayBeOfTheWay(error))) ?? failures[0] ?? []
    const startingUp = saying.find(({ error }) => (error as { code?: unknown }).code === STARTING_UP)
    if (!startingUp) throw explainedTogether(saying, setting)
    if (!told) notice(`The database at ${addressOf(startingUp.place)} is starting up: waiting for it.`)
    await sleep(PAUSE_MS)
  }
}

/** Nothing that the server says of the user, the database or itself: another way to it may lead there. */
function mayBeOfTheWay(error: unknown): boolean {
  const { code, syscall = '' } = error as { code?: string; syscall?: string }
  if (syscall === 'connect' || syscall === 'getaddrinfo' || code === READ_ONLY) return false
  return !(error instanceof pg.DatabaseError) || code === INVALID_AUTHORIZATION
}

/** @throws {DatabaseSettingError} */
function waysOf(databaseUrl: string, setting: AddressSetting): readonly Way[] {
  try {
    return waysTo(databaseUrl)
  } catch (error) {
    // such as a certificate in its parameters that is not there
    throw new DatabaseSettingError(`${setting}: ${(error as Error).message}`, { cause: error })
  }
}

interface Place {
  address: string
  user: string
  database: string
  hasPassword: boolean
}

function placeOf(connection: pg.ClientConfig): Place {
  const { host, port, user = '', database = '', password } = new pg.Client(connection)
  return { address: `${host}:${port}`, user, database, hasPassword: Boolean(password) }
}

const addressOf = (connection: pg.ClientConfig) => placeOf(connection).address

/** Of several hosts, each with what it said. */
function explainedTogether(failures: readonly Failure[], setting: AddressSetting): unknown {
  const explanations = failures.map(({ place, error }) => explained(error, placeOf(place)))
  const [only] = explanations
  const cause = failures[0]?.error
  if (explanations.length === 1) return new DatabaseSettingError(`${setting}: ${only}`, { cause })
  return new DatabaseSettingError(`${setting}: none of its hosts can be used:\n  ${explanations.join('\n  ')}`, {
    cause,
  })
}

const OF_CERTIFICATES = /^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_|HOSTNAME_)/

/** An error of the connection as what is wrong with the setting. */
function explained(error: unknown, { address, user, database, hasPassword }: Place): string {
  const { code = '', message } = error as { code?: string; message: string }
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return `the host of ${address} is not known (${code}). Is its name right, and can this machine look it up?`
    case 'ECONNREFUSED':
      return `nothing takes connections at ${address}. Does PostgreSQL run there, and is the port right?`
    case 'ENOENT':
      return `there is no socket of PostgreSQL at ${address}.`
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return `${address} cannot be reached (${code}). Is the address right, and does a firewall let it through?`
    case '28P01':
      return `the server refuses the user ${user} with this password.`
    case '28000':
      return `the server at ${address} refuses the user ${user}: ${message}.`
    case '3D000':
      return `there is no database ${database} at ${address}. Make it, or name another.`
    case '42501':
      return `the user ${user} may not use the database ${database}: ${message}.`
    case READ_ONLY:
      return `${address} is read-only, as a standby is: name its primary too, or alone.`
    case '53300':
      return `the server at ${address} has no connection left: ${message}.`
  }
  if (!hasPassword && /password must be a string/.test(message))
    return `the server at ${address} asks for a password, and there is none.`
  if (/does not support SSL/.test(message))
    return `the server at ${address} does not offer TLS, and the address asks for it (sslmode).`
  if (OF_CERTIFICATES.test(code))
    return `the certificate of ${address} is not trusted: ${message} (${code}). See sslmode and sslrootcert.`
  return `${address} cannot be used: ${message || code}.`
}

/** An error of a statement of the start in words that name the setting; any other error as it is. */
export function ofDatabase(error: unknown, databaseUrl: string | null): unknown {
  if (databaseUrl === null) return error
  const { code, message } = error as { code?: string; message: string }
  const places = waysOf(databaseUrl, 'DATABASE_URL')
    .slice(0, 1)
    .flatMap((way) => way.hosts?.places ?? [way])
  const { user, database } = placeOf(places[0] as pg.ClientConfig)
  const address = places.map(addressOf).join(', ')
  const say = (text: string) => new DatabaseSettingError(`DATABASE_URL: ${text}`, { cause: error })
  const said = `${(error as { cause?: { code?: string } }).cause?.code ?? code}`
  if (said === '42501') return say(`the user ${user} may not do in ${database} what a start has to do: ${message}.`)
  if (said === READ_ONLY) return say(`the database at ${address} is read-only, as a standby is: name its primary.`)
  if (/^Connection terminated/.test(message) || said === '57P01' || said === 'ECONNRESET')
    return say(`the connection to ${address} was lost during the start (${message}). Start again once it is back.`)
  return error
}
