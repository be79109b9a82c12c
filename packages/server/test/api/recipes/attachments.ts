import { randomUUID } from 'node:crypto'
import { ok } from '@tract/testing/call'
import { failure, type Recipe, success } from './recipe.js'
import type { RecipeWorld } from './recipe-world.js'

const NOTE = { file: 'Please read this.' }

/** A file of the desk's. */
const upload = async ({ call, cast }: RecipeWorld): Promise<string> =>
  (await ok(call('uploadAttachment', { as: cast.desk, body: NOTE }))).id

const link = async (world: RecipeWorld): Promise<string> => {
  const body = { id: await upload(world) }
  const { url } = await ok(world.call('linkAttachment', { as: world.cast.desk, body }))
  return url.split('/').at(-1)
}

const NOTHING = { id: randomUUID() }

export const attachmentRecipes: Recipe[] = [
  success('uploadAttachment', 'the form has one file', ({ call, cast }) =>
    call('uploadAttachment', { as: cast.desk, body: NOTE }),
  ),
  failure('uploadAttachment', 413, 'file_too_large', 'the form is said to be larger', ({ call, cast }) =>
    call('uploadAttachment', { as: cast.desk, body: { file: 'x'.repeat(26_214_401) } }),
  ),
  success('getAttachment', 'it is the desk’s own', async (world) =>
    world.call('getAttachment', { as: world.cast.desk, params: { id: await upload(world) } }),
  ),
  {
    operation: 'getAttachment',
    status: 206,
    when: 'a part of it is asked for',
    call: async (world) =>
      world.call('getAttachment', {
        as: world.cast.desk,
        params: { id: await upload(world) },
        headers: { range: 'bytes=7-10' },
      }),
  },
  failure('getAttachment', 404, 'attachment_not_found', 'there is no such file', ({ call, cast }) =>
    call('getAttachment', { as: cast.desk, params: NOTHING }),
  ),
  failure('getAttachment', 416, 'range_not_satisfiable', 'it is shorter', async (world) =>
    world.call('getAttachment', {
      as: world.cast.desk,
      params: { id: await upload(world) },
      headers: { range: 'bytes=17-' },
    }),
  ),
  success('linkAttachment', 'it is the desk’s own', async (world) =>
    world.call('linkAttachment', { as: world.cast.desk, body: { id: await upload(world), valid_for_seconds: 60 } }),
  ),
  failure('linkAttachment', 404, 'attachment_not_found', 'there is no such file', ({ call, cast }) =>
    call('linkAttachment', { as: cast.desk, body: NOTHING }),
  ),
  success('unlinkAttachment', 'it has no links', async (world) =>
    world.call('unlinkAttachment', { as: world.cast.desk, body: { id: await upload(world) } }),
  ),
  failure('unlinkAttachment', 404, 'attachment_not_found', 'there is no such file', ({ call, cast }) =>
    call('unlinkAttachment', { as: cast.desk, body: NOTHING }),
  ),
  success('openAttachmentLink', 'the link works', async (world) =>
    world.call('openAttachmentLink', { params: { link: await link(world) } }),
  ),
  {
    operation: 'openAttachmentLink',
    status: 206,
    when: 'a part of it is asked for',
    call: async (world) =>
      world.call('openAttachmentLink', { params: { link: await link(world) }, headers: { range: 'bytes=-3' } }),
  },
  failure('openAttachmentLink', 404, 'link_not_found', 'there is no such link', ({ call }) =>
    call('openAttachmentLink', { params: { link: 'x'.repeat(43) } }),
  ),
  failure('openAttachmentLink', 416, 'range_not_satisfiable', 'the file is shorter', async (world) =>
    world.call('openAttachmentLink', { params: { link: await link(world) }, headers: { range: 'bytes=99-' } }),
  ),
  failure('sendMessage', 404, 'attachment_not_found', 'it names a file that is not there', async (world) =>
    world.call('sendMessage', {
      as: world.cast.desk,
      body: { user_id: await world.deskConversation(), message_body: 'See', sender: 'aeu', attachments: [NOTHING] },
    }),
  ),
  failure('sendPlatformMessage', 404, 'attachment_not_found', 'it names a file that is not there', async (world) =>
    world.call('sendPlatformMessage', {
      as: world.cast.md,
      body: { user_id: await world.conversation(), message_body: 'See', sender: 'ceu', attachments: [NOTHING] },
    }),
  ),
]
