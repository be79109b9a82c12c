/** What must not compile: a handler that is missing, mistyped or of no operation. Compiled with the package, never run. */
import type { Aliases, Operations } from '@tract/contract'
import type { Handlers, OperationInput, Route, SuccessAnswer } from '../../src/api/routes.js'

interface Context {
  organisation: string
}

declare const complete: Handlers<Context>
declare const input: OperationInput<'sendMessage'>
declare const context: Context

const { sendMessage, ...others } = complete

// @ts-expect-error a handler is missing
export const missing: Handlers<Context> = others

export const mistyped: Handlers<Context> = {
  ...complete,
  // @ts-expect-error the answer lacks its fields
  sendMessage: async () => ({ message_id: 1 }),
}

export const misspelt: Handlers<Context> = {
  ...complete,
  // @ts-expect-error a field of the answer has another type
  sendMessage: async () => ({ message_id: '1', conversation_number: '1', timestamp: '2026-11-22T09:30:00.000Z' }),
}

export const demanding: Handlers<Context> = {
  ...complete,
  // @ts-expect-error the handler wants more than the operation takes
  sendMessage: async ({ body }: { body: { user_id: string; colour: string } }) => ({
    message_id: body.colour.length,
    conversation_number: '1',
    timestamp: '2026-11-22T09:30:00.000Z',
  }),
}

export const excessive: Handlers<Context> = {
  ...complete,
  // @ts-expect-error there is no such operation
  sendPigeon: async () => ({ success: true }),
}

export const narrow: Handlers<Context> = {
  ...complete,
  // @ts-expect-error an optional field may be absent and may not be undefined
  sendMessage: async () => ({
    message_id: 1,
    conversation_number: '1',
    timestamp: '2026-11-22T09:30:00.000Z',
    warnings: undefined,
  }),
}

// @ts-expect-error the context is what the handlers are made for
sendMessage(input, { organisation: 1 })

// @ts-expect-error a route is of an operation
export const unrouted: Route['operationId'] = 'sendPigeon'

/** What does compile: a handler sees the body and gives the one documented answer of success. */
export const answer: Promise<SuccessAnswer<'sendMessage'>> = sendMessage(input, context)
export const handler: Handlers<Context>['sendMessage'] = async ({ body }, { organisation }) => ({
  message_id: `${body.user_id}${organisation}`.length,
  conversation_number: '1',
  timestamp: '2026-11-22T09:30:00.000Z',
})

/** An alias is served by the handler of its operation, which therefore has to take all that the alias takes. */
type Input<Operation extends { query: unknown; body: unknown }> = [Operation['query'], Operation['body']]
type Misfits = {
  [Id in keyof Aliases]: Input<Operations[Id]> extends Input<Operations[Aliases[Id]]> ? never : Id
}[keyof Aliases]
export const misfits: [Misfits] extends [never] ? 'none' : Misfits = 'none'

/** Every operation documents success. */
type Hopeless = { [Id in keyof Operations]: [SuccessAnswer<Id>] extends [never] ? Id : never }[keyof Operations]
export const hopeless: [Hopeless] extends [never] ? 'none' : Hopeless = 'none'
