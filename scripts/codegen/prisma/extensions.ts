/** prisma/extensions.yaml: columns and indexes beside the contract's. It describes its format. */

export interface ModelExtension {
  /** Columns before and after those of the contract: name to Prisma type and attributes. */
  first: Readonly<Record<string, string>>
  last: Readonly<Record<string, string>>
  /** Block attributes, such as `@@index([organisation_id])`. */
  attributes: readonly string[]
}

/** By model. */
export type StorageExtensions = Readonly<Record<string, ModelExtension>>

export function parseExtensions(content: unknown): StorageExtensions {
  const models = record(content, 'extensions.yaml')
  return Object.fromEntries(
    Object.entries(models).map(([model, value]) => {
      const { first, last, attributes = [], ...unknown } = record(value, model)
      const [key] = Object.keys(unknown)
      if (key !== undefined) throw new Error(`extensions.yaml: ${model} has first, last and attributes, not ${key}`)
      if (!Array.isArray(attributes)) throw new Error(`extensions.yaml: ${model}.attributes is a list`)
      const columns = (part: unknown, name: string) => record(part, `${model}.${name}`) as Record<string, string>
      return [
        model,
        { first: columns(first, 'first'), last: columns(last, 'last'), attributes: attributes.map(String) },
      ]
    }),
  )
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error(`extensions.yaml: ${where} is a mapping`)
  return value as Record<string, unknown>
}
