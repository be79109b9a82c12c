import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SANDBOX_ORGANISATION_ID as organisationId } from '@tract/contract/sandbox'
import { announceFile, forgetAttachment, insertAttachment } from '../attachments/attachment-rows.js'
import type { FileStore } from '../attachments/file-store.js'
import { insertLink } from '../attachments/link-rows.js'
import type { ServiceClient } from '../database/connections.js'
import { transactionOn } from '../database/database.js'
import { whileLocked } from '../database/locks.js'

const EXAMPLES_LOCK = 748_201_340
const DESK = 'desk'
/** A file that no message names goes after a day; this one is young for long. */
const YOUNG = new Date('2100-01-01T00:00:00Z')

/** 3 by 2 pixels. */
const CONTENT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAYAAACddGYaAAAAEklEQVR42mP8z8BQzwAEjDAGACcSAgWf0mKUAAAAAElFTkSuQmCC',
  'base64',
)
const PHOTO = {
  listener: DESK,
  name: 'meter.png',
  contentType: 'image/png',
  size: CONTENT.length,
  sha256: '38e3fb7ce61f5dd367b78200970a507d8c75ac1dcc1654c193825ec5aa8ce72f',
  width: 3,
  height: 2,
  createdAt: YOUNG,
  userId: null,
  messageId: null,
}
/** Of the secret in the example's link. */
const SECRET = '3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
/** The ids by which examples name files: one for those that change nothing, and one whose links are revoked. */
const LINKED = '00000000-0000-7000-8000-0000666f746f'
const UNLINKED = '00000000-0000-7000-8000-0000666f7470'

/** Makes the files that the examples name, afresh at each start. */
export async function makeExampleFiles(connection: ServiceClient, store: FileStore): Promise<void> {
  await whileLocked(connection, EXAMPLES_LOCK, async () => {
    for (const id of [LINKED, UNLINKED]) {
      const key = { organisationId, id }
      const path = join(store.incoming, id)
      await writeFile(path, CONTENT)
      await store.keep(key, { path, size: PHOTO.size, sha256: PHOTO.sha256 })
      await transactionOn(connection, async (client) => {
        await forgetAttachment(client, key)
        await announceFile(client, { ...key, listener: DESK }, YOUNG, {
          size: PHOTO.size,
          most: Number.MAX_SAFE_INTEGER,
        })
        await insertAttachment(client, { ...key, ...PHOTO })
        if (id === LINKED) await insertLink(client, { ...key, ...PHOTO }, DESK, YOUNG, SECRET)
      })
    }
  })
}
