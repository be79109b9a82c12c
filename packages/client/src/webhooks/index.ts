/** `@tract/client/webhooks`: receives what TRACT sends. */
import { HookReceiver, type HookReceiverOptions } from './receiver.js'

/**
 * Takes the deliveries of hooks: verifies the signature, handles each delivery once, and answers TRACT so that nothing is lost.
 * A handler that returns acknowledges; one that returns `{ error }` refuses the payload, which TRACT gives up after 5 attempts; one that throws
 * answers 500, and TRACT tries again for up to 24 hours. Until then the user's next deliveries wait.
 */
export function createHookReceiver(options: HookReceiverOptions): HookReceiver {
  return new HookReceiver(options)
}

export type {
  HslActionable,
  HslButton,
  HslCarousel,
  HslElement,
  HslForm,
  HslNativeAction,
  HslQuickReply,
  HslSilent,
  HslSystem,
  HslText,
  HslUnknown,
} from '@tract/contract'
export type { HookPayloads } from '../generated/hooks.js'
export { toPlainText } from '../hsl.js'
export {
  type ClaimResult,
  type DeliveryClaim,
  type DeliveryStore,
  type MemoryStoreOptions,
  memoryStore,
} from './delivery-store.js'
export type {
  FallbackHandler,
  HookCategory,
  HookDelivery,
  HookGap,
  HookHandler,
  HookHandlers,
  HookName,
  HookRefusal,
  HookResult,
  HookSubcategory,
  OfferAnswered,
  UserCreated,
} from './handlers.js'
export type { HookAnswer, HookRequest } from './hook-request.js'
export type { HookReceiver, HookReceiverOptions, Secrets } from './receiver.js'
export { type SignatureHeaders, type SignInput, sign } from './signature.js'
