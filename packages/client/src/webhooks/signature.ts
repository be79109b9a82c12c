/** Signatures of Standard Webhooks: HMAC-SHA256 over `webhook-id.webhook-timestamp.body`, with what the web platform has. */

import { joined } from './body.js'

const PREFIX = 'whsec_'
const encoder = new TextEncoder()

/** The headers that make a request signed. */
export interface SignatureHeaders {
  'webhook-id': string
  'webhook-timestamp': string
  'webhook-signature': string
  'tract-gap'?: string
  'tract-gap-signature'?: string
}

export interface SignInput {
  /** `whsec_…`; several while a secret rotates. */
  secret: string | readonly string[]
  /** The delivery's id. */
  id: string
  /** In seconds since 1970; now if absent. */
  timestamp?: number
  /** Exactly what is sent. */
  body: string | Uint8Array
  /** The value of `tract-gap`, which has a signature of its own. */
  gap?: string
}

/** Signs a delivery as TRACT does. */
export async function sign({
  secret,
  id,
  timestamp = nowInSeconds(),
  body,
  gap,
}: SignInput): Promise<SignatureHeaders> {
  const keys = new SigningKeys()
  const signed = async (content: Uint8Array<ArrayBuffer>) => {
    const signatures = await Promise.all([secret].flat().map((each) => keys.sign(each, content)))
    return signatures.map((bytes) => `v1,${btoa(String.fromCharCode(...bytes))}`).join(' ')
  }
  const bytes = typeof body === 'string' ? encoder.encode(body) : body
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': await signed(signedContent(id, String(timestamp), bytes)),
    ...(gap !== undefined && {
      'tract-gap': gap,
      'tract-gap-signature': await signed(signedGap(id, String(timestamp), gap)),
    }),
  }
}

export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

/** Makes signatures, with each secret imported once. */
export class SigningKeys {
  readonly #keys = new Map<string, ReturnType<typeof crypto.subtle.importKey>>()

  async sign(secret: string, content: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    let key = this.#keys.get(secret)
    if (key === undefined) {
      key = crypto.subtle.importKey('raw', secretBytes(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
      this.#keys.set(secret, key)
    }
    return new Uint8Array(await crypto.subtle.sign('HMAC', await key, content))
  }

  /**
   * Is the content signed with one of the secrets? One HMAC for each secret, however many signatures the header has, so that a long header
   * costs nothing.
   */
  async verify(secrets: readonly string[], header: string, content: Uint8Array<ArrayBuffer>): Promise<boolean> {
    const given = signaturesIn(header)
    let valid = false
    for (const secret of secrets) {
      const expected = await this.sign(secret, content)
      for (const signature of given) if (equalInConstantTime(signature, expected)) valid = true
    }
    return valid
  }
}

/** What is signed of a gap: no body, so that neither signature does for the other. */
export function signedGap(id: string, timestamp: string, gap: string): Uint8Array<ArrayBuffer> {
  return signedContent(`tract-gap.${id}`, timestamp, encoder.encode(gap))
}

/** What is signed. */
export function signedContent(id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return joined([encoder.encode(`${id}.${timestamp}.`), body])
}

export function secretBytes(secret: string): Uint8Array<ArrayBuffer> {
  const bytes = typeof secret === 'string' && secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : null
  if (!bytes?.length)
    throw new TypeError(`A signing secret is ${PREFIX} and base64, as TRACT showed it when the hook was registered.`)
  return bytes
}

/** The signatures of a version that is known here, as bytes; a malformed one is left out. */
function signaturesIn(header: string): Uint8Array[] {
  return header.split(' ').flatMap((part) => (part.startsWith('v1,') ? (fromBase64(part.slice(3)) ?? []) : []))
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let index = 0; index < a.length; index++) difference |= (a[index] as number) ^ (b[index] as number)
  return difference === 0
}
