import { createHmac, timingSafeEqual } from 'node:crypto'
import { createInterface } from 'node:readline'

// region verify
const TOLERANCE_SECONDS = 300

/** @param body the bytes as they came, before any parser. @param now in seconds since 1970 */
export function verify(
  secret: string,
  id: string,
  timestamp: string,
  signatures: string,
  body: Buffer,
  now: number,
): boolean {
  if (!/^\d+$/.test(timestamp) || Math.abs(now - Number(timestamp)) > TOLERANCE_SECONDS) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  // two signatures while the secret rotates; of an unknown version, none counts
  return signatures.split(' ').some((signature) => {
    if (!signature.startsWith('v1,')) return false
    const given = Buffer.from(signature.slice(3), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}
// endregion

// Examples to check it with: a line each of the secret, the three headers, the time, and the body in base64.
for await (const line of createInterface({ input: process.stdin })) {
  const [secret = '', id = '', timestamp = '', signatures = '', now = '', body = ''] = line.split('\t')
  console.log(verify(secret, id, timestamp, signatures, Buffer.from(body, 'base64'), Number(now)))
}
