import { Refusal } from '../../accept/refusal.js'
import { type AttachmentRecord, insertAttachment } from '../../attachments/attachment-rows.js'
import { deleteLinks, insertLink } from '../../attachments/link-rows.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import { sendFile } from '../send-file.js'
import type { Services } from '../services.js'

/** Milliseconds for which a file waits for its message. */
const UNNAMED_MS = 24 * 3_600_000
/** How long a link works where its caller does not say. */
const LINK_SECONDS = 3_600

export function attachmentHandlers({ attachments }: Services) {
  return {
    uploadAttachment: async (_input, call) => {
      const { caller } = call
      // from here on it waits for its caller
      call.stepOut()
      const file = await attachments.receive(call.request, caller)
      const same = { name: file.name, size: file.size, sha256: file.sha256 }
      let isKept = false
      try {
        const body = await call.transact(
          async ({ client }) => {
            if (!(await insertAttachment(client, file)))
              throw new Refusal('request_timeout', 'The file took so long that it was given up; send it again.')
            return uploaded(file, attachments.toUrl)
          },
          { same },
        )
        isKept = !call.isRepeated
        return body
      } finally {
        if (!isKept) await attachments.giveUp(file)
      }
    },

    getAttachment: async ({ params }, call) => {
      const file = await attachments.find(call.caller, params.id)
      return sendFile(call, file, (range) => attachments.read(file, range))
    },

    linkAttachment: ({ body }, call) =>
      call.transactOverSlices(async ({ now }, slices) => {
        const file = await attachments.find(call.caller, body.id, slices)
        const expiresAt = new Date(now.getTime() + (body.valid_for_seconds ?? LINK_SECONDS) * 1_000)
        const { id, secret } = await insertLink(slices.first, file, call.caller.listener, expiresAt)
        return { id: file.id, link_id: id, url: attachments.toLink(secret), expires_at: expiresAt.toISOString() }
      }),

    unlinkAttachment: ({ body }, call) =>
      call.transactOverSlices(async ({ now }, slices) => {
        const file = await attachments.find(call.caller, body.id, slices)
        return { revoked: await deleteLinks(slices.first, file, call.caller.listener, body.link_id, now) }
      }),

    openAttachmentLink: async ({ params }, call) => {
      const file = await attachments.follow(params.link)
      return sendFile(call, file, (range) => attachments.read(file, range))
    },
  } satisfies Partial<Handlers<Call>>
}

const uploaded = (file: AttachmentRecord, toUrl: (id: string) => string) => ({
  id: file.id,
  name: file.name,
  content_type: file.contentType,
  size: file.size,
  sha256: file.sha256,
  url: toUrl(file.id),
  ...(file.width !== null && file.height !== null && { width: file.width, height: file.height }),
  expires_at: new Date(file.createdAt.getTime() + UNNAMED_MS).toISOString(),
})
