import type { DeletionMetadata, EditMetadata, EventSend, HslElement } from '@tract/contract'

type AboutMessage = Omit<EventSend, 'type' | 'subtype' | 'metadata'>

/** What a message of the caller says from now on: text, or an element. */
export type MessageEdit = AboutMessage &
  Omit<EditMetadata, 'message_body' | 'message_metadata'> & { message_body: string | HslElement }

/** A message of the caller that is taken back. */
export type MessageDeletion = AboutMessage & Omit<DeletionMetadata, 'message_metadata'>

export function editEvent({ message_id, message_body, agent, ...about }: MessageEdit): EventSend {
  const metadata = JSON.stringify({ message_id, message_body, agent })
  return { ...about, type: 'message', subtype: 'edited', metadata }
}

export function deletionEvent({ message_id, reason, agent, ...about }: MessageDeletion): EventSend {
  const metadata = JSON.stringify({ message_id, reason, agent })
  return { ...about, type: 'message', subtype: 'deleted', metadata }
}
