/** The document as each audience gets it, in JSON. */
import type { Audience } from '../document.js'
import { withOptionalNull } from '../optional-null.js'
import { publish } from '../publish.js'
import type { GeneratedFile, Source } from '../source.js'

export const AUDIENCES: readonly Audience[] = ['vendor', 'platform']

export function publishedDocuments({ document }: Pick<Source, 'document'>): GeneratedFile[] {
  return AUDIENCES.map((audience) => ({
    path: `packages/server/src/generated/openapi/${audience}.json`,
    contents: `${JSON.stringify(publish(withOptionalNull(document), audience), null, 2)}\n`,
  }))
}
