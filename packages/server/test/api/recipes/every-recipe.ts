import type { PublishedContract } from '../../support/contract.js'
import { attachmentRecipes } from './attachments.js'
import { authenticationRecipes } from './authentication.js'
import { availabilityRecipes } from './availability.js'
import { changeRecipes } from './changes.js'
import { conversationRecipes } from './conversations.js'
import { deliveryRecipes } from './deliveries.js'
import { deliveryHealthRecipes } from './delivery-health.js'
import { eventRecipes } from './events.js'
import { commonRecipes } from './every-operation.js'
import { hookRecipes } from './hooks.js'
import { identityRecipes } from './identity.js'
import { messageRecipes } from './messages.js'
import { provisioningRecipes } from './provisioning.js'
import type { Recipe } from './recipe.js'
import { sessionRecipes } from './sessions.js'
import { threadControlRecipes } from './thread-control.js'
import { threadRecipes } from './threads.js'
import { userRecipes } from './users.js'

/** @param platform the document whose operations they call */
export const everyRecipe = (platform: PublishedContract): Recipe[] => [
  ...authenticationRecipes,
  ...sessionRecipes,
  ...hookRecipes,
  ...identityRecipes,
  ...userRecipes,
  ...messageRecipes,
  ...attachmentRecipes,
  ...eventRecipes,
  ...availabilityRecipes,
  ...threadControlRecipes,
  ...threadRecipes,
  ...conversationRecipes,
  ...changeRecipes,
  ...deliveryRecipes,
  ...deliveryHealthRecipes,
  ...provisioningRecipes,
  ...commonRecipes(platform),
]
