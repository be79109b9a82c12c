export { contractHash, contractVersion } from './generated/contract.js'

/** Put in place when the package is built. */
declare const TRACT_CLIENT_VERSION: string

/** The version of this package. Its first number is the contract's: see *Versions* in the README. */
export const version: string = typeof TRACT_CLIENT_VERSION === 'string' ? TRACT_CLIENT_VERSION : '0.0.0'
