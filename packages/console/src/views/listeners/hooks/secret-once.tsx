import { Secret } from '../../../components/secret.js'

/** The signing secret of a hook. */
export function SecretOnce({ secret }: { secret: string }) {
  return <Secret title="The signing secret, shown this once. Keep it where the receiver reads it:" text={secret} />
}
