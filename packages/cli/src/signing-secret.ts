import { randomBytes } from 'node:crypto'

/** A signing secret in the form of Standard Webhooks. */
export const newSigningSecret = () => `whsec_${randomBytes(32).toString('base64')}`
