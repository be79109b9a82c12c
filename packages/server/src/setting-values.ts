/** What the text of a setting may be. Each throws a sentence that says what is allowed. */
import { availableParallelism } from 'node:os'

/** Each has a bucket. */
const MOST_PROCESSES = 256

export const integer = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Error(`must be an integer from ${least} to ${most}`)
  return value
}

export const processes = (text: string) => {
  if (text === 'auto') return availableParallelism()
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > MOST_PROCESSES)
    throw new Error(`must be an integer from 1 to ${MOST_PROCESSES}, or auto`)
  return Number(text)
}

export const part = (text: string) => {
  if (!/^(0(\.\d+)?|1(\.0+)?)$/.test(text)) throw new Error('must be a number from 0 to 1')
  return Number(text)
}

export const oneOf =
  (...words: string[]) =>
  (text: string) => {
    if (!words.includes(text)) throw new Error(`must be one of ${words.join(', ')}`)
    return text
  }

/** @param isBare without a user, a query and a fragment: an issuer of tokens has none (RFC 8414 §2), and links are made of it */
export const address = (protocols: string[], isBare?: 'bare') => (text: string) => {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !protocols.includes(url.protocol))
    throw new Error(`must be a URL that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`)
  if (isBare && (url.username || url.password || /[?#]/.test(text)))
    throw new Error('must be a URL without a user, a query and a fragment')
  return text.replace(/\/+$/, '')
}

const HOSTS = /^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)([^/?#]*)/

/** Of a database, with one host or several: they are read where they are connected to. */
export const databaseAddress = (text: string) => {
  address(['postgres:', 'postgresql:'])(text.replace(HOSTS, '$1host'))
  return text.replace(/\/+$/, '')
}

export const asItIs = (text: string) => text

export const orNull =
  <Value>(parse: (text: string) => Value) =>
  (text: string): Value | null =>
    text === '' ? null : parse(text)
