/** The SDK's name of each operation. A name stays: vendors' programs are written with it. */

export interface SdkMethod {
  /** `resource.verb` */
  name: string
  /** Not generated: written by hand (packages/client/src/authentication), or for browsers only. */
  byHand?: true
  /** A repetition without a key changes nothing more. Reads are known by their operationId. */
  repeatable?: true
  /** What it answers is no JSON, and is given as the stream of bytes that it is. */
  streams?: true
  /** Fields that the method fills in. */
  fixed?: Record<string, string>
  /** Types of body and answer, where the method does less than the operation. */
  body?: string
  answer?: string
  /** The function that makes the body of what the method takes (packages/client/src/calls/correction.ts), and what to say of the method. */
  made?: { by: string; summary: string; description: string }
  /** A string on the wire that may be given as its object; `type` where the body has none. */
  serialised?: { field: string; type?: string }
}

const element = { serialised: { field: 'message_body', type: 'HslElement' } }
const metadata = { serialised: { field: 'metadata' } }
const outcome = { answer: 'ThreadOutcome' }

const METHODS: SdkNames = {
  issueToken: { name: 'auth.token', byHand: true },
  revokeToken: { name: 'auth.revoke', byHand: true },
  getJwks: { name: 'auth.jwks', byHand: true },
  getAuthorizationServerMetadata: { name: 'auth.metadata', byHand: true },
  whoAmI: { name: 'identity.whoami', repeatable: true },
  registerHook: { name: 'hooks.register', body: 'HookToRegister' },
  listHooks: { name: 'hooks.list' },
  unregisterHook: { name: 'hooks.unregister' },
  enableHook: { name: 'hooks.enable' },
  disableHook: { name: 'hooks.disable' },
  rotateHookSecret: { name: 'hooks.rotateSecret' },
  testHook: { name: 'hooks.test' },
  streamHooks: { name: 'hooks.stream', repeatable: true },
  answerHooks: { name: 'hooks.answer', repeatable: true },
  // With `details_requested` it is what `users.details` does.
  getUser: { name: 'users.get', body: 'UserRequest', answer: 'User' },
  getUserDetails: { name: 'users.details' },
  linkUser: { name: 'users.link' },
  sendMessage: { name: 'messages.send', ...element },
  listMessages: { name: 'messages.list' },
  exportMessages: { name: 'messages.export', streams: true },
  listConversations: { name: 'conversations.list' },
  getConversation: { name: 'conversations.get' },
  // A file, which is no JSON in either direction: packages/client/src/attachments.
  uploadAttachment: { name: 'attachments.upload', byHand: true },
  getAttachment: { name: 'attachments.get', byHand: true },
  linkAttachment: { name: 'attachments.link' },
  unlinkAttachment: { name: 'attachments.unlink' },
  openAttachmentLink: { name: 'attachments.open', byHand: true },
  sendTyping: { name: 'messages.typing' },
  sendEvent: [
    { name: 'events.send', body: 'OutgoingEvent', ...metadata },
    {
      name: 'messages.edit',
      body: 'MessageEdit',
      made: {
        by: 'editEvent',
        summary: 'Edit a message',
        description:
          'Says something else in the place of a message that the caller sent: the event message/edited. Of an assistant or a desk it takes control of\n' +
          'the same conversation, as a message does.',
      },
    },
    {
      name: 'messages.delete',
      body: 'MessageDeletion',
      made: {
        by: 'deletionEvent',
        summary: 'Delete a message',
        description:
          'Takes back a message that the caller sent, with its files: the event message/deleted. Said again it changes nothing.',
      },
    },
  ],
  listThreadListeners: { name: 'threads.listeners' },
  requestThreadControl: [
    { name: 'threads.request', fixed: { type: 'request' }, ...outcome },
    { name: 'threads.pass', fixed: { type: 'pass' }, ...outcome },
    { name: 'threads.passBack', fixed: { type: 'pass', receiver: 'default' }, ...outcome },
    { name: 'threads.take', fixed: { type: 'take' }, ...outcome },
    { name: 'threads.offer', fixed: { type: 'offer' }, ...outcome },
  ],
  setAvailability: { name: 'availability.set' },
  getAvailability: { name: 'availability.get' },
  listDeliveries: { name: 'deliveries.list' },
  exportDeliveries: { name: 'deliveries.export', streams: true },
  getDelivery: { name: 'deliveries.get' },
  retryDelivery: { name: 'deliveries.retry' },
  skipDelivery: { name: 'deliveries.skip' },
  retryDeliveries: { name: 'deliveries.retryMany' },
  skipDeliveries: { name: 'deliveries.skipMany' },
  replayDeliveries: { name: 'deliveries.replay' },
  previewReplay: { name: 'deliveries.previewReplay', repeatable: true },
  listDeliveryHealth: { name: 'deliveries.health' },
  getOverview: { name: 'deliveries.overview' },
  listDeliveryFaults: { name: 'deliveries.faults' },
  createSession: { name: 'session.create', byHand: true },
  getSession: { name: 'session.get', byHand: true },
  endSession: { name: 'session.end', byHand: true },
  listThreads: { name: 'threads.list' },
  exportThreads: { name: 'threads.export', streams: true },
  getThread: { name: 'threads.get' },
  listTimeline: { name: 'threads.timeline' },
  streamChanges: { name: 'changes.stream', byHand: true },
  createOrganisation: { name: 'organisations.create' },
  listOrganisations: { name: 'organisations.list' },
  updateOrganisation: { name: 'organisations.update' },
  createListener: { name: 'listeners.create' },
  listListeners: { name: 'listeners.list' },
  updateListener: { name: 'listeners.update' },
  createClient: { name: 'clients.create' },
  listClients: { name: 'clients.list' },
  updateClient: { name: 'clients.update' },
  rotateClientSecret: { name: 'clients.rotateSecret' },
  rotateSigningKey: { name: 'signingKeys.rotate' },
  upsertUser: { name: 'users.upsert' },
  eraseUser: { name: 'users.erase' },
  sendPlatformMessage: { name: 'platformMessages.send' },
  sendPlatformEvent: { name: 'platformEvents.send', body: 'PlatformEvent', ...metadata },
}

export type SdkNames = Record<string, SdkMethod | SdkMethod[]>

export function sdkMethods(operationId: string, names: SdkNames = METHODS): SdkMethod[] {
  const methods = Object.hasOwn(names, operationId) ? names[operationId] : undefined
  if (!methods) throw new Error(`${operationId} has no name in the SDK: give it one in scripts/codegen/client-names.ts`)
  return [methods].flat()
}
