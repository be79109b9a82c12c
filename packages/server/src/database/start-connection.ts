/**
 * The one connection for what a start does before the first answer. It has no limit in time but those of the operator's
 * database, so a slow machine or a distant database makes a start slow, and does not fail it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { connectAlone } from './database.js'
import { waysTo } from './tls-settings.js'

/** The database cannot be used as the operator has set it up: a sentence that names the setting. */
export class DatabaseSettingError extends Error {
  override name = 'DatabaseSettingError'
}

const STARTING_UP = '57P03'
/** Also where pg_hba.conf has no entry for a connection with TLS, or without. */
const INVALID_AUTHORIZATION = '28000'
const PAUSE_MS = 500

/** A connection, and the way that led to it: every later one goes that way too. */
export interface StartConnection {
  connection: pg.ClientConfig
  setup: pg.Client
}

/** @param notice told why a start is slow @throws {DatabaseSettingError} */
export async function connectToStart(databaseUrl: string, notice: (text: string) => void): Promise<StartConnection> {
  const place = placeOf(databaseUrl)
  for (let told = false; ; told = true) {
    const errors: unknown[] = []
    for (const connection of waysOf(databaseUrl)) {
      try {
        return { connection, setup: await connectAlone(connection) }
      } catch (error) {
        errors.push(error)
        if (!mayBeOfTheWay(error)) break
      }
    }
    const error = errors.find((each) => !mayBeOfTheWay(each)) ?? errors[0]
    if ((error as { code?: unknown }).code !== STARTING_UP) throw explained(error, place)
    if (!told) notice(`The database at ${place.address} is starting up: waiting for it.`)
    await sleep(PAUSE_MS)
  }
}

/** Nothing that the server says of the user, the database or itself: another way to it may lead there. */
function mayBeOfTheWay(error: unknown): boolean {
  const { code, syscall = '' } = error as { code?: string; syscall?: string }
  if (syscall === 'connect' || syscall === 'getaddrinfo') return false
  return !(error instanceof pg.DatabaseError) || code === INVALID_AUTHORIZATION
}

interface Place {
  address: string
  user: string
  database: string
  hasPassword: boolean
}

/** @throws {DatabaseSettingError} */
function waysOf(databaseUrl: string): readonly pg.ClientConfig[] {
  try {
    return waysTo(databaseUrl)
  } catch (error) {
    // such as a certificate in its parameters that is not there
    throw new DatabaseSettingError(`DATABASE_URL: ${(error as Error).message}`, { cause: error })
  }
}

/** @throws {DatabaseSettingError} */
function placeOf(databaseUrl: string): Place {
  const { host, port, user = '', database = '', password } = new pg.Client(waysOf(databaseUrl)[0])
  return { address: `${host}:${port}`, user, database, hasPassword: Boolean(password) }
}

const OF_CERTIFICATES = /^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_|HOSTNAME_)/

/** An error of the connection in words that name the setting; any other error as it is. */
function explained(error: unknown, { address, user, database, hasPassword }: Place): unknown {
  const { code = '', message } = error as { code?: string; message: string }
  const say = (text: string) => new DatabaseSettingError(`DATABASE_URL: ${text}`, { cause: error })
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
      return say(`the host of ${address} is not known (${code}). Is its name right, and can this machine look it up?`)
    case 'ECONNREFUSED':
      return say(`nothing takes connections at ${address}. Does PostgreSQL run there, and is the port right?`)
    case 'ENOENT':
      return say(`there is no socket of PostgreSQL at ${address}.`)
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return say(`${address} cannot be reached (${code}). Is the address right, and does a firewall let it through?`)
    case '28P01':
      return say(`the server refuses the user ${user} with this password.`)
    case '28000':
      return say(`the server at ${address} refuses the user ${user}: ${message}.`)
    case '3D000':
      return say(`there is no database ${database} at ${address}. Make it, or name another.`)
    case '42501':
      return say(`the user ${user} may not use the database ${database}: ${message}.`)
    case '53300':
      return say(`the server at ${address} has no connection left: ${message}.`)
  }
  if (!hasPassword && /password must be a string/.test(message))
    return say(`the server at ${address} asks for a password, and there is none.`)
  if (/does not support SSL/.test(message))
    return say(`the server at ${address} does not offer TLS, and the address asks for it (sslmode).`)
  if (OF_CERTIFICATES.test(code))
    return say(`the certificate of ${address} is not trusted: ${message} (${code}). See sslmode and sslrootcert.`)
  return say(`${address} cannot be used: ${message || code}.`)
}

/** An error of a statement of the start in words that name the setting; any other error as it is. */
export function ofDatabase(error: unknown, databaseUrl: string | null): unknown {
  if (databaseUrl === null) return error
  const { code, message } = error as { code?: string; message: string }
  const { address, user, database } = placeOf(databaseUrl)
  const say = (text: string) => new DatabaseSettingError(`DATABASE_URL: ${text}`, { cause: error })
  const said = `${(error as { cause?: { code?: string } }).cause?.code ?? code}`
  if (said === '42501') return say(`the user ${user} may not do in ${database} what a start has to do: ${message}.`)
  if (said === '25006') return say(`the database at ${address} is read-only, as a standby is: name its primary.`)
  if (/^Connection terminated/.test(message) || said === '57P01' || said === 'ECONNRESET')
    return say(`the connection to ${address} was lost during the start (${message}). Start again once it is back.`)
  return error
}
