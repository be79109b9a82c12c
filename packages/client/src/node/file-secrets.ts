/** Keeps the secrets of hooks in a file that its owner alone reads. */
import type { KeptSecrets, SecretKeeper } from '../desk/ensure-hooks.js'
import { readIfThere, replaceFile } from './durable-file.js'

/** For `ensureHooks`. A crash leaves either what was kept before, or what was saved. */
export function fileSecrets(path: string): Required<SecretKeeper> {
  return {
    async load() {
      const text = await readIfThere(path)
      return text === undefined ? undefined : parsed(text, path)
    },
    save: (secrets) => replaceFile(path, `${JSON.stringify(secrets, null, 2)}\n`),
  }
}

/** What is not understood is not overwritten: it may be another's file. */
function parsed(text: string, path: string): KeptSecrets {
  try {
    const value: unknown = JSON.parse(text)
    const isKept = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (isKept && Object.entries(value).every(([id, hook]) => hook?.id === id)) return value as KeptSecrets
  } catch {
    // as below; its text may be secret, and stays out of the error
  }
  throw new Error(`${path} holds no secrets of hooks: give them a file of their own.`)
}
