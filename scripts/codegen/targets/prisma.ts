/** prisma/generated/api.prisma: the schemas with `x-entity` as Prisma models, and their enums. */
import type { OpenApiDocument } from '../document.js'
import { type Model, modelOf } from '../prisma/model.js'
import { type GeneratedFile, header, type Source } from '../source.js'

const PATH = 'prisma/generated/api.prisma'

export function prisma({ document, storage }: Pick<Source, 'document' | 'storage'>): GeneratedFile[] {
  const models = modelsOf(document, storage)
  const unknown = Object.keys(storage).find((name) => models.every((model) => model.name !== name))
  if (unknown) throw new Error(`extensions.yaml: no schema is stored as ${unknown}`)
  const blocks = [...models.map(modelBlock), ...enumsOf(models).map(([name, values]) => enumBlock(name, values))]
  return [{ path: PATH, contents: `${header('targets/prisma.ts')}\n${blocks.join('\n\n')}\n` }]
}

function modelsOf(document: OpenApiDocument, storage: Source['storage']): Model[] {
  return Object.values(document.components?.schemas ?? {}).flatMap((schema) => {
    if (typeof schema === 'boolean' || schema['x-entity'] === undefined) return []
    const { model } = schema['x-entity'] as { model: string }
    return [modelOf(document, schema, storage[model])]
  })
}

function enumsOf(models: readonly Model[]): [string, readonly string[]][] {
  const enums = new Map<string, readonly string[]>()
  for (const column of models.flatMap(({ columns }) => columns)) {
    if (column.enum) enums.set(column.enum.name, column.enum.values)
  }
  return [...enums]
}

/** In columns, as `prisma format` leaves it. */
function modelBlock({ name, columns, attributes }: Model): string {
  const names = Math.max(...columns.map((column) => column.name.length))
  const types = Math.max(...columns.map((column) => column.type.length))
  const fields = columns.map((column) =>
    `  ${column.name.padEnd(names)} ${column.type.padEnd(types)} ${column.attributes.join(' ')}`.trimEnd(),
  )
  return `model ${name} {\n${fields.join('\n')}\n\n${attributes.map((attribute) => `  ${attribute}`).join('\n')}\n}`
}

function enumBlock(name: string, values: readonly string[]): string {
  const members = values.map((value) =>
    /^[A-Za-z]\w*$/.test(value) ? `  ${value}` : `  ${member(value)} @map("${value}")`,
  )
  return `enum ${name} {\n${members.join('\n')}\n\n  @@map("${snakeCase(name)}")\n}`
}

function member(value: string): string {
  const name = value.replaceAll(/\W+/g, '_')
  return /^[A-Za-z]/.test(name) ? name : `v_${name}`
}

function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase()
}
