/** Which of the contract's types the SDK exports: those that a method or a hook of an audience is about. */
import type { OpenApiDocument } from '../document.js'
import { operationsOf } from '../operations.js'
import { publish } from '../publish.js'
import type { Schema } from '../schema/keywords.js'
import { referencedNames } from '../schema/reference.js'
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

/** From bodies and answers of success on: the error body is behind the SDK's error classes. */
function typesOf(published: OpenApiDocument, document: OpenApiDocument): string[] {
  const items = Object.values(published.webhooks ?? {}) as NonNullable<OpenApiDocument['paths']>[string][]
  const hooks = { ...document, paths: Object.fromEntries(items.map((item, index) => [`/${index}`, item])) }
  const entries = [...operationsOf(published), ...operationsOf(hooks)]
  const start = entries.flatMap(({ body, answers }) => [
    ...(body ? [body.schema] : []),
    ...answers.flatMap((answer) => (answer.status < 300 && answer.body ? [answer.body.schema] : [])),
  ])
  const metadata = Object.keys(document.components?.schemas ?? {}).filter((name) => name.endsWith('Metadata'))
  return reachable(
    [
      ...start,
      ...metadata.map((name) => ({ $ref: `#/components/schemas/${name}` })),
      { $ref: '#/components/schemas/Issue' },
    ],
    document,
  )
}

function reachable(schemas: readonly Schema[], document: OpenApiDocument): string[] {
  const found = new Set<string>()
  const visit = (from: readonly Schema[]) => {
    for (const name of referencedNames(from)) {
      if (found.has(name)) continue
      found.add(name)
      visit([document.components?.schemas?.[name] ?? true])
    }
  }
  visit(schemas)
  if (found.has('Error')) throw new Error('the SDK would export a type that is called Error, as the global one is')
  return [...found].sort()
}
