import { readFileSync } from 'node:fs'
import { resource } from '../../resources.js'

/** As text, since it is served as it is. */
export function publishedDocument(audience: 'vendor' | 'platform'): string {
  return readFileSync(resource(`src/generated/openapi/${audience}.json`), 'utf8')
}
