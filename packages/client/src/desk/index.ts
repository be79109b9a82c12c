/** `@tract/client/desk`: what a bridge to a desk needs beside calls and hooks, so that it survives. */
export { type Media, mediaOf } from '@tract/contract/hsl'
export {
  type EnsureHooksOptions,
  ensureHooks,
  type HookClient,
  type KeptSecret,
  type KeptSecrets,
  type SecretKeeper,
} from './ensure-hooks.js'
export { isRefusal, isTemporary } from './is-temporary.js'
export { type MessageClient, type MessageOfParts, messageParts, type PartsCall } from './message-parts.js'
export { type PatientOptions, patiently } from './patiently.js'
export { type RepeatOptions, repeatedly } from './repeatedly.js'
export { splitText, type TextLimit } from './split-text.js'
export { type PartWriter, type TextPart, writeParts } from './write-parts.js'
