/** Every schema of the contract as a TypeBox schema (OpenAPI 3.1 §4.8.7). */
import { schemasOf } from '../operations.js'
import { CONSTRUCTORS, typeboxOf } from '../schema/typebox.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { importOf, indent, isIdentifier } from '../typescript.js'

const PATH = 'packages/contract/src/generated/schemas.ts'

/** What the module itself is written with; a component of that name would shadow it. */
const TAKEN = new Set(['Record', 'Required', 'Type', ...CONSTRUCTORS])

export function schemas({ document }: Pick<Source, 'document'>): GeneratedFile[] {
  const components = schemasOf(document)
  const values = Object.entries(components).map(([name, schema]) => {
    if (!isIdentifier(name)) throw new Error(`component schema ${name} has no name that a type can have`)
    if (TAKEN.has(name)) throw new Error(`component schema ${name} has a name that the generated module uses itself`)
    return `${name}: ${typeboxOf(schema, name)},`
  })
  const text = values.join('\n')
  const types = [...new Set(text.match(/(?<=<)[A-Za-z_$][\w$]*/g))].filter((name) => Object.hasOwn(components, name))
  const contents = `${header('targets/schemas.ts')}import { Type } from '@sinclair/typebox'
${importOf(CONSTRUCTORS, '../constructors.js')}${importOf(types.sort(), './types.js', 'import type')}
/** Every schema, by its name. A reference is another's \`$id\`: validators need \`schemaList\`. */
export const schemas = {
  ${values.map((value) => indent(value)).join('\n  ')}
}
`
  return [{ path: PATH, contents }]
}
