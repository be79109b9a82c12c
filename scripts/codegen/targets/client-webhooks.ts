/** The hooks for receivers: the payload of each with parsed metadata, and an example for tests. */
import { resolve as follow, type OpenApiDocument, type PathItem, type RequestBody } from '../document.js'
import { type WebhookEntry, webhooksOf } from '../operations.js'
import { componentName } from '../schema/reference.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { comment, importOf, indent, line, stringLiteral } from '../typescript.js'

const FOLDER = 'packages/client/src/generated'

/** Payloads without their kind: a receiver tells them by their shape (src/webhooks/payload.ts). */
const BY_SHAPE = ['message.receive', 'user_events.create_user']

export function clientWebhooks({ document, events }: Pick<Source, 'document' | 'events'>): GeneratedFile[] {
  const webhooks = webhooksOf(document)
  const metadata = new Map(
    events.flatMap(({ type, subtypes }) =>
      subtypes.map((event) => [`${type}.${event.subtype}`, event.metadata && componentName(event.metadata.$ref)]),
    ),
  )
  for (const webhook of webhooks) checkKind(document, webhook)
  const used = webhooks.flatMap(({ name, payload }) => [payload, metadata.get(name) ?? []].flat())
  const members = webhooks.map((webhook) => {
    const { name, description, summary } = webhook
    return indent(
      `${comment([description || summary])}${stringLiteral(name)}: ${payloadType(webhook, metadata.get(name))}`,
    )
  })
  const payloads = `${importOf([...new Set(used)].sort(), '@tract/contract', 'import type')}
/** An event of one kind, its \`metadata\` parsed; that of another listener need not fit its type. */
type EventOf<Payload, Type extends string, Subtype extends string, Metadata> = Omit<
  Payload,
  'type' | 'subtype' | 'metadata'
> & { type: Type; subtype: Subtype; metadata?: Metadata }

/** What each hook carries, by \`category.subcategory\`. */
export interface HookPayloads {
  ${members.join('\n  ')}
}
`
  const examples = webhooks.map(({ name }) => `${stringLiteral(name)}: ${line(exampleOf(document, name))},`)
  return [
    { path: `${FOLDER}/hooks.ts`, contents: `${header('targets/client-webhooks.ts')}${payloads}` },
    {
      path: `${FOLDER}/hook-examples.ts`,
      contents: `${header('targets/client-webhooks.ts')}
/** The contract's example of what each hook carries, as it is on the wire. */
export const hookExamples = {
  ${examples.join('\n  ')}
} as const
`,
    },
  ]
}

function payloadType({ name, category, subcategory, payload }: WebhookEntry, metadata: string | undefined): string {
  if (BY_SHAPE.includes(name)) return payload
  const parts = [payload, stringLiteral(category), stringLiteral(subcategory), metadata ?? 'Record<string, unknown>']
  return `EventOf<${parts.join(', ')}>`
}

/** Only the body is signed, so the body has to name its hook. */
function checkKind(document: OpenApiDocument, { name, payload }: WebhookEntry): void {
  if (BY_SHAPE.includes(name)) return
  const schema = document.components?.schemas?.[payload]
  const required = (typeof schema === 'object' && schema.required) || []
  if (!required.includes('type') || !required.includes('subtype'))
    throw new Error(
      `${name}: its payload ${payload} has to require type and subtype, or no receiver can tell what it is`,
    )
}

/** What the document shows of a hook. */
export function exampleOf(document: OpenApiDocument, name: string): unknown {
  const item = follow<PathItem>(document, document.webhooks?.[name] ?? {})
  const body = item.post?.requestBody && follow<RequestBody>(document, item.post.requestBody)
  const example = Object.values(body?.content ?? {})[0]?.example
  if (example === undefined) throw new Error(`webhook ${name} has no example`)
  return example
}
