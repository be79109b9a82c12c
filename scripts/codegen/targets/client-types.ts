/** The types that the SDK exports: those of an audience's methods and hooks. */
import type { OpenApiDocument } from '../document.js'
import { operationsOf } from '../operations.js'
import { publish } from '../publish.js'
import { reachableNames } from '../schema/reference.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { importOf } from '../typescript.js'

export function clientTypes({ document }: Pick<Source, 'document'>): GeneratedFile[] {
  const vendor = typesOf(publish(document, 'vendor'), document)
  const platform = typesOf(publish(document, 'platform'), document).filter((name) => !vendor.includes(name))
  return Object.entries({ vendor, platform }).map(([audience, names]) => ({
    path: `packages/client/src/generated/${audience}-types.ts`,
    contents: `${header('targets/client-types.ts')}${importOf(names, '@tract/contract', 'export type')}`,
  }))
}

/** Without error bodies: the SDK has error classes for them. */
function typesOf(published: OpenApiDocument, document: OpenApiDocument): string[] {
  const items = Object.values(published.webhooks ?? {}) as NonNullable<OpenApiDocument['paths']>[string][]
  const hooks = { ...document, paths: Object.fromEntries(items.map((item, index) => [`/${index}`, item])) }
  const entries = [...operationsOf(published), ...operationsOf(hooks)]
  const start = entries.flatMap(({ body, answers }) => [
    ...(body ? [body.schema] : []),
    ...answers.flatMap((answer) => (answer.status < 300 && answer.body ? [answer.body.schema] : [])),
  ])
  const metadata = Object.keys(document.components?.schemas ?? {}).filter((name) => name.endsWith('Metadata'))
  const further = [...metadata, 'Issue'].map((name) => ({ $ref: `#/components/schemas/${name}` }))
  const names = reachableNames([...start, ...further], document.components?.schemas)
  if (names.includes('Error')) throw new Error('the SDK would export a type that is called Error, as the global one is')
  return names
}
