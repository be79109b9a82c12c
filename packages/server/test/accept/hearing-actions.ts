/** What is done in `who-hears-what.test.ts`, a table of docs/thread-control.md for each. */

export interface Action {
  title: string
  /** What it begins with, which is not shown. */
  before: (user_id: string) => Promise<unknown>
  act: (user_id: string) => Promise<unknown>
}

type Act = (user_id: string) => Promise<unknown>

/** How listeners do things. */
export interface Doing {
  write: Act
  /** The desk says something. */
  say: Act
  event: (by: string, user_id: string, type: string, subtype: string, more?: object) => Promise<unknown>
  control: (by: string, user_id: string, type: string, receiver: string, more?: object) => Promise<unknown>
  timeGoesBy: (user_id: string, column: 'idle' | 'allocation' | 'offer') => Promise<unknown>
  allocateWithin: (seconds: number | null) => Promise<unknown>
  erase: Act
  /** Message delivery tells of the user. */
  update: Act
}

const context = { reason: 'billing' }

export function actionsOf({
  write,
  say,
  event,
  control,
  timeGoesBy,
  allocateWithin,
  erase,
  update,
}: Doing): readonly Action[] {
  const withAssistant = (user_id: string) => write(user_id)
  const withDesk = async (user_id: string) => {
    await write(user_id)
    await control('iva', user_id, 'pass', 'desk', { context })
  }
  const answered = async (user_id: string) => {
    await withDesk(user_id)
    await say(user_id)
  }
  const offered = async (user_id: string) => {
    await withAssistant(user_id)
    await control('iva', user_id, 'offer', 'desk', { context, receivers: ['desk', 'other'] })
  }
  const completed = async (user_id: string) => {
    await withDesk(user_id)
    await event('desk', user_id, 'conversation_state', 'complete')
  }
  const asked = async (user_id: string) => {
    await withDesk(user_id)
    await control('other', user_id, 'request', 'desk', { context })
  }

  return [
    { title: 'The user writes for the first time', before: async () => {}, act: withAssistant },
    { title: 'The user writes to the desk in control', before: withDesk, act: withAssistant },
    {
      title: 'The desk in control writes',
      before: withDesk,
      act: (user_id) => say(user_id),
    },
    {
      title: 'A pass to a desk: the assistant passes',
      before: withAssistant,
      act: (user_id) => control('iva', user_id, 'pass', 'desk', { context }),
    },
    {
      title: 'A pass to a desk that is not on standby: the assistant passes',
      before: withAssistant,
      act: (user_id) => control('iva', user_id, 'pass', 'quiet', { context }),
    },
    {
      title: 'A pass to an assistant: the desk passes back',
      before: withDesk,
      act: (user_id) => control('desk', user_id, 'pass', 'default', { context }),
    },
    {
      title: 'A take: the assistant takes control from the desk',
      before: withDesk,
      act: (user_id) => control('iva', user_id, 'take', 'desk'),
    },
    {
      title: 'A request: another desk asks the desk in control',
      before: withDesk,
      act: (user_id) => control('other', user_id, 'request', 'desk', { context }),
    },
    {
      title: 'A request is granted: the desk passes to who asked',
      before: asked,
      act: (user_id) => control('desk', user_id, 'pass', 'other'),
    },
    {
      title: 'A request is declined by the desk in control',
      before: asked,
      act: (user_id) => event('desk', user_id, 'thread_control', 'declined'),
    },
    {
      title: 'An offer: the assistant offers control to a desk that is not on standby',
      before: withAssistant,
      act: (user_id) => control('iva', user_id, 'offer', 'quiet', { context }),
    },
    {
      title: 'An offer is accepted by the desk',
      before: offered,
      act: (user_id) => event('desk', user_id, 'thread_control', 'accepted'),
    },
    {
      title: 'An offer is declined by the desk, and another desk asked',
      before: offered,
      act: (user_id) => event('desk', user_id, 'thread_control', 'declined', { metadata: '{"reason": "no agent"}' }),
    },
    {
      title: 'An offer expires, and another desk is asked',
      before: offered,
      act: (user_id) => timeGoesBy(user_id, 'offer'),
    },
    {
      title: 'An offer is withdrawn by the assistant',
      before: offered,
      act: (user_id) => event('iva', user_id, 'thread_control', 'withdrawn'),
    },
    {
      title: 'An offer ends with a pass: the assistant passes to another desk',
      before: offered,
      act: (user_id) => control('iva', user_id, 'pass', 'other'),
    },
    {
      title: 'A return: the desk allocated no agent in time',
      before: async (user_id) => {
        await allocateWithin(300)
        await withDesk(user_id)
      },
      act: async (user_id) => {
        await timeGoesBy(user_id, 'allocation')
        await allocateWithin(null)
      },
    },
    {
      title: 'The desk says that an agent was allocated',
      before: withDesk,
      act: (user_id) => event('desk', user_id, 'aeu_events', 'allocated', { metadata: '{"agent": {"id": "a-17"}}' }),
    },
    {
      title: 'The desk completes the conversation',
      before: withDesk,
      act: (user_id) =>
        event('desk', user_id, 'conversation_state', 'complete', { metadata: '{"reason": "resolved"}' }),
    },
    {
      title: 'A timeout: the desk says that the user went away',
      before: withDesk,
      act: (user_id) => event('desk', user_id, 'aeu_events', 'user_timeout'),
    },
    {
      title: 'A timeout: the idle time is over',
      before: withDesk,
      act: (user_id) => timeGoesBy(user_id, 'idle'),
    },
    {
      title: 'The desk begins: it asks for a user without an open conversation, and writes',
      before: completed,
      act: async (user_id) => {
        await control('desk', user_id, 'request', 'desk')
        await say(user_id)
      },
    },
    {
      title: 'The user edits a message',
      before: withDesk,
      act: (user_id) =>
        event('md', user_id, 'message', 'edited', { metadata: '{"message_id": 1, "message_body": "Hi"}' }),
    },
    {
      title: 'The desk edits a message',
      before: answered,
      act: (user_id) =>
        event('desk', user_id, 'message', 'edited', { metadata: '{"message_id": 2, "message_body": "Hi"}' }),
    },
    {
      title: 'The desk deletes a message',
      before: answered,
      act: (user_id) => event('desk', user_id, 'message', 'deleted', { metadata: '{"message_id": 2}' }),
    },
    {
      title: 'The platform changes what it knows of the user',
      before: withDesk,
      act: (user_id) => update(user_id),
    },
    {
      title: 'The user is erased',
      before: withDesk,
      act: (user_id) => erase(user_id),
    },
  ]
}
