import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { TestService } from '@tract/testing/service'
import type { MessageCall } from '../../src/accept/accept-message.js'
import type { MessageRecord } from '../../src/accept/messages.js'
import { MessageAcceptor } from '../../src/accept/queue/message-acceptor.js'
import type { UserChanges } from '../../src/accept/users.js'
import { Transactions } from '../../src/accept/work.js'
import { Organisations } from '../../src/accounts/organisations.js'
import { SecretBox } from '../../src/database/secret-box.js'
import { Wakeups } from '../../src/lanes/wakeups.js'

type Call = MessageCall<string>

describe('messages of one thread in one batch', () => {
  let service: TestService
  let acceptor: MessageAcceptor
  let organisationId: string

  beforeAll(async () => {
    service = await TestService.start()
    const { pool } = service.stored
    const transactions = new Transactions(pool, new Wakeups(pool, () => {}))
    acceptor = new MessageAcceptor(transactions, new Organisations(), new SecretBox(Buffer.alloc(32, 1)), 600_000)
    organisationId = (await service.world({ iva: 'iva', md: 'md' })).organisation
  })
  afterAll(() => service.close())

  const message = (userId: string, text: string, user?: UserChanges): Call => ({
    caller: { organisationId, listener: 'md' },
    incoming: { userId, sender: 'ceu', body: { text, type: 'TEXT', data: {} }, metadata: null, user },
    key: null,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    answer: ({ messageId, body }: MessageRecord) => `${messageId} ${body.text}`,
    since: performance.now(),
    isGone: () => false,
  })

  /** What became of calls that share a batch: they come while the first batch, of another thread, is under way. */
  async function inOneBatch(...calls: Call[]): Promise<string[]> {
    const all = [message('first batch', 'begins at once', {}), ...calls].map((call) => acceptor.accept(call))
    const results = await Promise.allSettled(all)
    return results.slice(1).map((result) => {
      if (result.status === 'rejected') return String(result.reason)
      return 'body' in result.value ? result.value.body : result.value.refusal.code
    })
  }

  test('keep their order behind one that changes the user', async () => {
    await acceptor.accept(message('changes', 'one', {}))
    const given = await inOneBatch(
      message('changes', 'two'),
      message('changes', 'three', { user_name: 'Asha' }),
      message('changes', 'four'),
      message('changes', 'five', { user_name: 'Ravi' }),
      message('changes', 'six'),
    )
    expect(given).toEqual(['2 two', '3 three', '4 four', '5 five', '6 six'])
  })

  test('find the user that the first of them creates', async () => {
    const given = await inOneBatch(message('new', 'one', {}), message('new', 'two'), message('new', 'three'))
    expect(given).toEqual(['1 one', '2 two', '3 three'])
  })

  test('keep their order after the batch failed because of another thread', async () => {
    await acceptor.accept(message('beside', 'one', {}))
    const failing: Call = {
      ...message('failing', 'fails', {}),
      answer: () => {
        throw new Error('no answer can be made')
      },
    }
    await acceptor.accept(message('failing', 'one', {}))
    const given = await inOneBatch(
      failing,
      message('beside', 'two', { user_name: 'Asha' }),
      message('beside', 'three'),
      message('beside', 'four'),
    )
    expect(given).toEqual(['Error: no answer can be made', '2 two', '3 three', '4 four'])
  })
})
