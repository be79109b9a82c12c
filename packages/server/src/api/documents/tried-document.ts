import type { Credentials } from '../../accounts/first-start.js'

interface Example {
  value?: { client_id?: unknown; client_secret?: unknown }
}

interface Operation {
  requestBody?: { content: Record<string, { examples?: Record<string, Example> }> }
}

/** Where a listener's client authenticates in the form. */
const FORMS = ['/tract/auth/token/', '/tract/auth/revoke/']

/** The document as Swagger UI gets it where calls are tried as this client: so that the forms that a client signs in with work as they stand. */
export function triedDocument(text: string, { client_id, client_secret }: Credentials): string {
  const document: { paths: Record<string, { post?: Operation }> } = JSON.parse(text)
  for (const path of FORMS) {
    for (const { examples = {} } of Object.values(document.paths[path]?.post?.requestBody?.content ?? {})) {
      for (const example of Object.values(examples))
        if (example.value) Object.assign(example.value, { client_id, client_secret })
    }
  }
  return JSON.stringify(document)
}
