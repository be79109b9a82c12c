export { wireSubtype } from './event-names.js'
export * from './generated/contract.js'
export * from './generated/errors.js'
export * from './generated/events.js'
export * from './generated/operations.js'
export * from './generated/schemas.js'
export type * from './generated/types.js'
export * from './hsl/index.js'
export {
  MAX_MESSAGE_BYTES,
  type ParsedMessageBody,
  parseMessageBody,
  parseUserMessageBody,
} from './hsl/message-body.js'
export { findUnstorable } from './hsl/storable.js'
export { canonicalJson, ExactNumber, parseJson, type ReadJson, readJson, toJson } from './json/exact-json.js'
export type { Listed } from './listed.js'
export type { OperationRow } from './operation-row.js'
export { type Aliases, answerSchema, type OperationId, type Operations } from './operations.js'
export { schemaList } from './schema-list.js'
