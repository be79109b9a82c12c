/** docs/reference/hooks.md: every hook with what it carries and what to answer, for people. */
import { code, table } from '../markdown.js'
import { type WebhookEntry, webhooksOf } from '../operations.js'
import { schemaLink, schemaSection } from '../schema/reference-page.js'
import { type GeneratedFile, header, type Source } from '../source.js'

export function hookReference({ document, events }: Pick<Source, 'document' | 'events'>): GeneratedFile[] {
  const webhooks = webhooksOf(document)
  const meanings = new Map(
    events.flatMap(({ type, subtypes }) => subtypes.map((event) => [`${type}.${event.subtype}`, event.description])),
  )
  const rows = webhooks.map((webhook: WebhookEntry) => [
    code(webhook.category),
    `${code(webhook.subcategory)}${webhook.extension ? ' *(extension)*' : ''}`,
    meanings.get(webhook.name) ?? webhook.summary,
    schemaLink(webhook.payload),
    schemaLink(webhook.answer),
  ])
  const names = [...new Set(webhooks.flatMap(({ payload, answer }) => [payload, answer]))]
  const schemas = names.map((name) => schemaSection(document, name))
  const contents = `${header('targets/hook-reference.ts', '<!--', ' -->')}
# Hooks

A hook is registered by its category and subcategory with \`POST /tract/hooks/register/\`. Answer 2xx within 5 seconds.
With 400, 404 with a JSON body, 409, 413, 415, 422, \`success: false\` or an \`error\` the receiver refuses the payload: it is tried 5 times, within half a
minute (\`create_user\` within 10 seconds), and given up. 410 disables the hook. With any other answer, or none, the endpoint is at fault, and the
delivery keeps its turn for 24 hours; \`Retry-After\` is obeyed with 429 and 503, up to 5 minutes. The whole table is in [hooks.md](../hooks.md#what-an-answer-means).

${table(['category', 'subcategory', 'meaning', 'payload', 'answer'], rows)}

## Payloads and answers

${schemas.join('\n')}`
  return [{ path: 'docs/reference/hooks.md', contents }]
}
