export { wireSubtype } from './event-names.js'
export * from './generated/contract.js'
export * from './generated/errors.js'
export * from './generated/events.js'
export * from './generated/hooks.js'
export * from './generated/operations.js'
export * from './generated/schemas.js'
export * from './hsl/index.js'
export {
  MAX_MESSAGE_BYTES,
  type ParsedMessageBody,
  parseMessageBody,
  parseUserMessageBody,
} from './hsl/message-body.js'
export { findUnstorable } from './hsl/storable.js'
export { canonicalJson, ExactNumber, parseJson, type ReadJson, readJson, toJson } from './json/exact-json.js'
