import { parseBucket } from '../attachments/store-setting.js'
import { type Config, ConfigError } from '../config.js'
import { parseSecretKey } from '../database/secret-key.js'
import { type EgressAllow, parseEgressAllow } from '../deliver/send/address-rules.js'
import type { WayOut } from '../deliver/send/egress-guard.js'
import { parseProxy } from '../deliver/send/egress-proxy.js'
import { readCaFile } from '../deliver/send/outgoing-tls.js'

export interface CheckedSettings {
  egress: EgressAllow
  way: WayOut
  secretKey: Buffer | null
}

/** Settings that only their users can read, read before anything is started. @throws {ConfigError} */
export function checkSettings(config: Config): CheckedSettings {
  const { egressAllow, secretKey, caFile, httpsProxy, noProxy, attachments, s3KeyId, s3Key } = config
  checkSharing(config)
  checkLimits(config)
  const checked = <Value>(read: () => Value, said: (message: string) => string): Value => {
    try {
      return read()
    } catch (error) {
      throw new ConfigError(said((error as Error).message))
    }
  }
  checked(
    () => {
      if (parseBucket(attachments) !== null && (s3KeyId === '' || s3Key === ''))
        throw new Error('names a bucket, which needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
    },
    (message) => `TRACT_ATTACHMENTS ${message}`,
  )
  return {
    egress: checked(
      () => parseEgressAllow(egressAllow),
      (message) => `TRACT_EGRESS_ALLOW ${message}`,
    ),
    way: {
      ca: checked(
        () => (caFile === null ? [] : readCaFile(caFile)),
        (message) => `TRACT_CA_FILE ${message}`,
      ),
      proxy: checked(
        () => (httpsProxy === null ? null : parseProxy(httpsProxy, noProxy)),
        (message) => message,
      ),
    },
    secretKey: checked(
      () => (secretKey === null ? null : parseSecretKey(secretKey)),
      (message) => message,
    ),
  }
}

function checkLimits({ attachmentLimit, unnamedAttachmentsLimit }: Config): void {
  if (unnamedAttachmentsLimit < attachmentLimit)
    throw new ConfigError(
      `TRACT_UNNAMED_ATTACHMENTS_LIMIT must not be below TRACT_ATTACHMENT_LIMIT, ${attachmentLimit}: no message names a file while it comes.`,
    )
}

/** Node passes `reusePort` on since these. */
const SHARES_PORTS = [
  [22, 12],
  [23, 1],
] as const

function checkSharing({ sharePort, port }: Config): void {
  if (!sharePort) return
  if (port === 0)
    throw new ConfigError('TRACT_SHARE_PORT needs a TRACT_PORT that is not 0: who shares it has to name it.')
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number]
  if (!SHARES_PORTS.some(([line, from]) => major === line && minor >= from) && major < 24)
    throw new ConfigError(`TRACT_SHARE_PORT needs Node 22.12, 23.1 or later; this is ${process.versions.node}.`)
}
