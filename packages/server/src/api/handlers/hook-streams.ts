import { Refusal } from '../../accept/refusal.js'
import { wireForm } from '../../database/wire-form.js'
import type { Call } from '../call.js'
import type { Handlers } from '../routes.js'
import type { Services } from '../services.js'

const replaced = () =>
  new Refusal('stream_replaced', 'The listener has opened another stream since; this one has ended.')

const DEFAULT_WAIT_SECONDS = 5

export function hookStreamHandlers({ hookStreams }: Services) {
  return {
    streamHooks: async ({ body }, call) => {
      const { caller } = call
      const { stream, holding = [], wait = DEFAULT_WAIT_SECONDS, end } = body
      if (end !== undefined) {
        if (stream === undefined)
          throw new Refusal('invalid_request', 'The stream to end is missing.', [
            { path: '/stream', message: 'is required where a stream is to end' },
          ])
        const back = await hookStreams.end(caller, stream, end)
        if (!back) throw replaced()
        return { stream, attempts: [], given_back: back.map((hook) => wireForm('Hook', hook)) }
      }
      call.stepOut()
      const part = await hookStreams.next(caller, { stream, holding, waitMs: wait * 1000, hungUp: call.whenHungUp() })
      if (!part) throw replaced()
      return {
        stream: part.stream,
        attempts: part.attempts.map(({ expiresAt, ...attempt }) => ({
          ...attempt,
          expires_at: expiresAt.toISOString(),
        })),
      }
    },

    answerHooks: async ({ body }, { caller }) => ({ late: await hookStreams.answer(caller, body.answers) }),
  } satisfies Partial<Handlers<Call>>
}
