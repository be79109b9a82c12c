import type { Call } from './call.js'
import { attachmentHandlers } from './handlers/attachments.js'
import { authenticationHandlers } from './handlers/authentication.js'
import { availabilityHandlers } from './handlers/availability.js'
import { changeHandlers } from './handlers/changes.js'
import { clientHandlers } from './handlers/clients.js'
import { conversationHandlers } from './handlers/conversations.js'
import { deliveryHandlers } from './handlers/deliveries.js'
import { deliveryHealthHandlers } from './handlers/delivery-health.js'
import { eventHandlers } from './handlers/events.js'
import { exportHandlers } from './handlers/exports.js'
import { hookStreamHandlers } from './handlers/hook-streams.js'
import { hookHandlers } from './handlers/hooks.js'
import { identityHandlers } from './handlers/identity.js'
import { messageHandlers } from './handlers/messages.js'
import { overviewHandlers } from './handlers/overview.js'
import { platformUserHandlers } from './handlers/platform-users.js'
import { provisioningHandlers } from './handlers/provisioning.js'
import { sessionHandlers } from './handlers/sessions.js'
import { threadControlHandlers } from './handlers/thread-control.js'
import { threadHandlers } from './handlers/threads.js'
import { userHandlers } from './handlers/users.js'
import type { Handlers } from './routes.js'
import type { Services } from './services.js'

/** A handler for every operation of the contract: one that is missing or mistyped does not compile. */
export function createHandlers(services: Services): Handlers<Call> {
  return {
    ...authenticationHandlers(services),
    ...sessionHandlers(services),
    ...identityHandlers(services),
    ...hookHandlers(services),
    ...hookStreamHandlers(services),
    ...userHandlers(services),
    ...messageHandlers(services),
    ...conversationHandlers(services),
    ...attachmentHandlers(services),
    ...eventHandlers(services),
    ...threadControlHandlers(services),
    ...availabilityHandlers(services),
    ...threadHandlers(services),
    ...changeHandlers(services),
    ...deliveryHandlers(services),
    ...deliveryHealthHandlers(services),
    ...exportHandlers(services),
    ...overviewHandlers(services),
    ...provisioningHandlers(services),
    ...clientHandlers(services),
    ...platformUserHandlers(services),
  }
}
