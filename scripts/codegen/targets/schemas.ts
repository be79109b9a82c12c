/** Every component schema (OpenAPI 3.1 §4.8.7) as a TypeScript type and as a TypeBox schema. */

import type { Schema } from '../schema/keywords.js'
import { documentation } from '../schema/object-type.js'
import { typeOf } from '../schema/type.js'
import { CONSTRUCTORS, typeboxImports, typeboxOf } from '../schema/typebox.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { indent, isIdentifier, propertyName } from '../typescript.js'

const PATH = 'packages/contract/src/generated/schemas.ts'

/** What the module itself is written with; a component of that name would shadow it. */
const TAKEN = new Set(['Known', 'Schemas', 'Static', 'TSchema', 'Type', ...CONSTRUCTORS])

export function schemas({ document }: Pick<Source, 'document'>): GeneratedFile[] {
  const components = Object.entries(document.components?.schemas ?? {})
  const types = components.map(([name, schema]) => typeDeclaration(name, schema))
  const values = components.map(([name, schema]) => `${propertyName(name)}: ${typeboxOf(schema)},`)
  const body = `${types.join('\n')}
/** The type of every component schema, by its name. */
export interface Schemas {
  ${components.map(([name]) => `${name}: ${name}`).join('\n  ')}
}

/** Every component schema, by its name. A reference in one is the \`$id\` of another: a validator needs them all, see \`schemaList\`. */
export const schemas = {
  ${values.map((value) => indent(value)).join('\n  ')}
}

/** Every component schema with its name as \`$id\`. */
export const schemaList: readonly (TSchema & { $id: string })[] = Object.entries(schemas).map(([name, schema]) => ({
  ...schema,
  $id: name,
}))
`
  return [{ path: PATH, contents: `${header('targets/schemas.ts')}${typeboxImports(body)}\n${body}` }]
}

function typeDeclaration(name: string, schema: Schema): string {
  if (!isIdentifier(name)) throw new Error(`component schema ${name} has no name that a type can have`)
  if (TAKEN.has(name)) throw new Error(`component schema ${name} has a name that the generated module uses itself`)
  const type = typeOf(schema)
  return `${documentation(schema)}export type ${name} =${type.startsWith('\n') ? '' : ' '}${type}\n`
}
