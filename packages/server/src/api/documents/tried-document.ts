import type { Credentials } from '../../accounts/first-start.js'
import type { Audience } from './published.js'

interface Schema {
  properties?: Record<string, { example?: unknown }>
}

interface Content {
  schema?: { $ref?: string }
  examples?: Record<string, { value?: Record<string, unknown> }>
}

interface Operation {
  operationId: string
  description: string
  requestBody?: { content: Record<string, Content> }
}

interface Document {
  info: { description?: string }
  paths: Record<string, Record<string, Operation> & { post?: Operation }>
  components: { schemas: Record<string, Schema>; securitySchemes: { oauth2: { description: string } } }
}

/** Where a listener's client authenticates in the form. */
const FORMS = ['/tract/auth/token/', '/tract/auth/revoke/']

const WHOSE = {
  vendor:
    "**What is filled in is the client of the sandbox's desk**, a listener `desk` of the kind `ect`: with it, every example of this document runs as it stands.",
  platform: `**What is filled in is the client of the sandbox's desk**, a listener \`desk\` of the kind \`ect\`: calls under \`/tract/\` run with it. Calls under
\`/platform/\` need an operator: sign in at [the console](/console) in this browser, and every example of this document runs as it stands, without *Authorize*.`,
} as const

/** What a person has to do before, or after, an example runs; all others run as they stand, one after another. */
const TO_DO: Readonly<Record<string, string>> = {
  uploadAttachment: 'choose a file first. A browser fills in none by itself.',
  streamHooks: 'put the `stream` that *Open a stream* answered with into the other two examples.',
  streamChanges:
    'it shows an answer once it is whole, and this one lasts until its reader leaves. `curl -N`, with a token of an operator, shows it as it comes.',
  createSession:
    'enter the client of an operator: the first start wrote it to `demo.json`, under `admin`. No page has its secret.',
  endSession: 'it signs you out of the console too, and calls under `/platform/` need you to sign in again.',
  rotateSigningKey:
    '*Immediately* ends your session at the console, and what *Authorize* got: calls need you to sign in, or to authorize, again.',
}

/** The document as Swagger UI gets it where calls are tried as this client: so that the forms that a client signs in with work as they stand. */
export function triedDocument(text: string, audience: Audience, { client_id, client_secret }: Credentials): string {
  const document: Document = JSON.parse(text)
  const { info, components, paths } = document
  info.description = `${WHOSE[audience]}\n\n${info.description ?? ''}`
  components.securitySchemes.oauth2.description += `\n\n${WHOSE[audience]}`
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    const toDo = TO_DO[operation.operationId]
    if (toDo) operation.description = `**In Swagger UI**: ${toDo}\n\n${operation.description}`
  }
  for (const path of FORMS) {
    for (const { schema, examples = {} } of Object.values(paths[path]?.post?.requestBody?.content ?? {})) {
      for (const { value } of Object.values(examples)) {
        if (!value) continue
        Object.assign(value, { client_id, client_secret })
        exemplify(components.schemas[schema?.$ref?.split('/').at(-1) ?? ''], value)
      }
    }
  }
  return JSON.stringify(document)
}

/** Swagger UI fills a form by its fields' examples, not by the form's; one that is empty counts as absent. */
function exemplify({ properties = {} }: Schema = {}, value: Record<string, unknown>): void {
  for (const [name, property] of Object.entries(properties)) property.example = value[name] ?? ''
}
