import type { Handlers } from '../generated/handlers.js'
import { Refusal } from '../messaging/refusal.js'
import type { Call } from './call.js'
import type { Services } from './services.js'

const DEFAULT_WAIT_SECONDS = 5

export function hookStreamHandlers({ hookStreams }: Services): Pick<Handlers<Call>, 'streamHooks' | 'answerHooks'> {
  return {
    streamHooks: async ({ body }, { caller }) => {
      const { stream, holding = [], wait = DEFAULT_WAIT_SECONDS } = body
      const part = await hookStreams.next(caller, { stream, holding, waitMs: wait * 1000 })
      if (!part)
        throw new Refusal('stream_replaced', 'The listener has opened another stream since; this one has ended.')
      return {
        stream: part.stream,
        attempts: part.attempts.map(({ expiresAt, ...attempt }) => ({
          ...attempt,
          expires_at: expiresAt.toISOString(),
        })),
      }
    },

    answerHooks: async ({ body }, { caller }) => ({ late: await hookStreams.answer(caller, body.answers) }),
  }
}
