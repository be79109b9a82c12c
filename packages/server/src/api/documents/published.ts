import { readFileSync } from 'node:fs'

/** As text, since it is served as it is. The build leaves JSON where it was generated, so this names it from the package. */
export function publishedDocument(audience: 'vendor' | 'platform'): string {
  return readFileSync(new URL(`../../../src/generated/openapi/${audience}.json`, import.meta.url), 'utf8')
}
