import { type Config, ConfigError } from '../config.js'
import { type EgressAllow, parseEgressAllow } from '../delivery/address-rules.js'
import { parseSecretKey } from '../store/secret-key.js'

export interface CheckedSettings {
  egress: EgressAllow
  secretKey: Buffer | null
}

/** Settings that only their users can read, read before anything is started. @throws {ConfigError} */
export function checkSettings({ egressAllow, secretKey }: Config): CheckedSettings {
  const checked = <Value>(read: () => Value, said: (message: string) => string): Value => {
    try {
      return read()
    } catch (error) {
      throw new ConfigError(said((error as Error).message))
    }
  }
  return {
    egress: checked(
      () => parseEgressAllow(egressAllow),
      (message) => `TRACT_EGRESS_ALLOW ${message}`,
    ),
    secretKey: checked(
      () => (secretKey === null ? null : parseSecretKey(secretKey)),
      (message) => message,
    ),
  }
}
