import type { Handlers } from '../generated/handlers.js'
import { authenticationHandlers } from './authentication.js'
import type { Call } from './call.js'
import { changeHandlers } from './changes.js'
import { clientHandlers } from './clients.js'
import { deliveryHandlers } from './deliveries.js'
import { deliveryHealthHandlers } from './delivery-health.js'
import { eventHandlers } from './events.js'
import { hookStreamHandlers } from './hook-streams.js'
import { hookHandlers } from './hooks.js'
import { messageHandlers } from './messages.js'
import { overviewHandlers } from './overview.js'
import { platformUserHandlers } from './platform-users.js'
import { provisioningHandlers } from './provisioning.js'
import type { Services } from './services.js'
import { sessionHandlers } from './sessions.js'
import { threadControlHandlers } from './thread-control.js'
import { threadHandlers } from './threads.js'
import { userHandlers } from './users.js'

/** A handler for every operation of the contract: one that is missing or mistyped does not compile. */
export function createHandlers(services: Services): Handlers<Call> {
  return {
    ...authenticationHandlers(services),
    ...sessionHandlers(services),
    ...hookHandlers(services),
    ...hookStreamHandlers(services),
    ...userHandlers(services),
    ...messageHandlers(services),
    ...eventHandlers(services),
    ...threadControlHandlers(services),
    ...threadHandlers(services),
    ...changeHandlers(services),
    ...deliveryHandlers(services),
    ...deliveryHealthHandlers(services),
    ...overviewHandlers(services),
    ...provisioningHandlers(services),
    ...clientHandlers(services),
    ...platformUserHandlers(),
  }
}
