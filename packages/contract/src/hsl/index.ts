// Nothing here needs a validator: the client package ships all of it to browsers.
export * from './builders.js'
export { CHANNEL_LIMITS, channelWarnings } from './channel-limits.js'
export { type HslKnownElement, isKnownElement, isKnownType } from './known-types.js'
export { type Media, mediaOf } from './media.js'
export { attachmentsType, MESSAGE_TYPES, type MessageType, messageType } from './message-type.js'
export { toPlainText } from './plain-text.js'
