import type { Conversation, ConversationOwner, Message, MessageList } from '@tract/client/platform'
import { toPlainText } from '@tract/client/webhooks'
import { Command } from 'commander'
import { count } from '../delivery-filter.js'
import { firstOf } from '../first-of.js'
import { plain } from '../output.js'
import type { Bind, Session } from '../session.js'

const MOST_PER_PAGE = 200
/** Above every message's number. */
const NEWEST = 2_147_483_647

export function conversationsCommand(bind: Bind): Command {
  const command = new Command('conversations').description('Shows a user’s conversations, and how they ended.')

  const list = command
    .command('list')
    .description('Lists conversations, the newest first.')
    .argument('<user>', 'the user’s id')
    .option('--limit <number>', 'how many at most', count, 20)
  bind<{ limit: number }>(list, async (session, [user_id = ''], { limit }) => {
    const { tract } = await session.connect()
    const pages = tract.conversations.list({ user_id, limit: Math.min(limit, MOST_PER_PAGE) })
    const found = await firstOf(pages, limit)
    session.output.result(found, () =>
      session.output.table(
        ['NUMBER', 'OPENED', 'CLOSED', 'OWNERS', 'OUTCOME', 'RATING'],
        found.map((one) => [
          ...[one.conversation_number, one.opened_at, one.closed_at, one.owners.map(({ owner }) => owner).join(', ')],
          ...[one.outcome?.reason, one.rating && `${one.rating.score} of 5`],
        ]),
      ),
    )
  })

  const get = command
    .command('get')
    .description('Shows a conversation, and who was in control when.')
    .argument('<user>', 'the user’s id')
    .argument('<number>', 'the conversation’s number')
  bind(get, async (session, [user_id = '', conversation_number = '']) => {
    const { tract } = await session.connect()
    const found = await tract.conversations.get({ user_id, conversation_number })
    session.output.result(found, () => showConversation(session, found))
  })
  return command
}

function showConversation({ output }: Session, { outcome, rating, owners, ...conversation }: Conversation): void {
  output.fields({
    user: conversation.user_id,
    number: conversation.conversation_number,
    opened: conversation.opened_at,
    closed: conversation.closed_at,
    outcome: outcome?.reason,
    by: outcome?.by,
    note: outcome?.note,
    tags: outcome?.tags?.join(', '),
    rating: rating && `${rating.score} of 5`,
    resolved: rating?.resolved,
    comment: rating?.comment,
  })
  output.line()
  output.table(['OWNER', 'FROM', 'TO', 'REASON', 'SUMMARY'], owners.map(ownerRow))
}

const ownerRow = ({ owner, from, to, context }: ConversationOwner) => [
  owner,
  from,
  to,
  context?.reason,
  context?.summary,
]

export function transcriptCommand(bind: Bind): Command {
  const command = new Command('transcript')
    .description('Shows what was said with a user, in order.')
    .argument('<user>', 'the user’s id')
    .option('--conversation <number>', 'only this conversation')
    .option('--limit <number>', 'how many at most, the last ones', count, 100)
  bind<{ conversation?: string; limit: number }>(command, async (session, [user_id = ''], { conversation, limit }) => {
    const { tract } = await session.connect()
    const filter = { user_id, ...(conversation !== undefined && { conversation_number: conversation }) }
    const said: Message[] = []
    for (let before: number | undefined = NEWEST; before !== undefined && said.length < limit; ) {
      const left = Math.min(limit - said.length, MOST_PER_PAGE)
      const part: MessageList = await tract.messages.list({ ...filter, before, limit: left })
      said.unshift(...part.messages)
      before = part.previous
    }
    const { output } = session
    output.result(said, () => {
      for (const message of said) {
        const { message_id, timestamp, sender, listener, agent, message_body, attachments = [], receipts } = message
        const who = agent?.name === undefined ? `${sender} (${listener})` : `${agent.name} (${listener})`
        const changed = message.deleted_at ? 'deleted' : message.edited_at && 'edited'
        const last = [changed, receipts?.at(-1)?.status].filter(Boolean).join(', ')
        const time = output.paint('dim', timestamp.slice(0, 19).replace('T', ' '))
        const state = last === '' ? '' : `  ${output.paint('dim', last)}`
        const words = [toPlainText(message_body), ...attachments.map(({ name }) => `[${name}]`)].join(' ')
        output.line(`${time}  #${message_id} ${plain(who)}: ${plain(words)}${state}`)
      }
    })
  })
  return command
}
