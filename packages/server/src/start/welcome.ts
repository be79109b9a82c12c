import { hasConsole } from '../api/documents/console-pages.js'
import { hasGuide } from '../api/documents/guide-pages.js'
import type { Config } from '../config.js'
import { HELP, IN_CLONE } from '../resources.js'

/** What to tell the person who started the service. */
export function welcome(config: Config, credentials: string | null, operationsUrl: string | null): string[] {
  const { publicUrl } = config
  const lines = ['', `TRACT is running at ${publicUrl}`, `  Swagger UI   ${publicUrl}/docs`]
  if (hasGuide()) lines.push(`  Guide        ${publicUrl}/guide`)
  if (credentials) lines.push(`  Credentials  ${credentials}`)
  if (operationsUrl) lines.push(`  Metrics      ${operationsUrl}/metrics`)
  if (!config.production && credentials) {
    const client = `$(node -p "const {client_id: i, client_secret: s} = require('${credentials}').listeners.desk; i + ':' + s")`
    lines.push(
      '',
      'Try next, in another terminal:',
      ...(IN_CLONE ? ['  npm run demo'] : []),
      `  curl -sS -u "${client}" -d grant_type=client_credentials ${publicUrl}/tract/auth/token/`,
      `  ${HELP}`,
    )
  }
  if (hasConsole()) {
    const whose = credentials ? `, with the client id and secret that ${credentials} has under "admin"` : ''
    lines.push('', `See it at work${whose}:`, `  ${publicUrl}/console`)
  }
  return [...lines, '']
}
