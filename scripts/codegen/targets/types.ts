/**
 * The type of every schema, made by openapi-typescript 7.
 *
 * openapi-typescript puts all schemas into one type `components`. Here each schema is a type with
 * a comment: then the SDK's bundle takes only the types that it uses, and an editor shows the
 * comment.
 */
import openapiTS, { astToString, type OpenAPI3, tsLiteral, tsUnion } from 'openapi-typescript'
import ts from 'typescript'
import { schemasOf } from '../operations.js'
import type { Schema, SchemaObject } from '../schema/keywords.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { comment, filled } from '../typescript.js'

const DESCRIPTION = '@description '
const PATH = 'packages/contract/src/generated/types.ts'

export async function types({ document }: Pick<Source, 'document'>): Promise<GeneratedFile[]> {
  const schemas = schemasOf(document)
  const names = Object.keys(schemas)
  const contents = `${header('targets/types.ts')}
${await typesOf(schemas)}
/** The type of every schema, by its name. */
export type Schemas = {
${filled(
  names.map((name) => `${name}: ${name}`),
  ';',
)}
}
`
  return [{ path: PATH, contents }]
}

/** The schemas as declarations of types. */
export async function typesOf(schemas: Record<string, Schema>): Promise<string> {
  const document = { openapi: '3.1.0', info: { title: '', version: '' }, paths: {}, components: { schemas } }
  const nodes = await openapiTS(structuredClone(document) as OpenAPI3, {
    // A default is what the service assumes: its caller may leave the field out.
    defaultNonNullable: false,
    emptyObjectsUnknown: true,
    exportType: true,
    silent: true,
    transform: (schema) => ownType(schema as SchemaObject),
  })
  const components = nodes.find((node) => ts.isTypeAliasDeclaration(node) && node.name.text === 'components')
  return members((components as ts.TypeAliasDeclaration).type, 'schemas')
    .map((member) => documentation(member) + declaration(member))
    .join('\n')
}

/** What openapi-typescript does not know: an enumeration that may grow, and a constant null. */
function ownType(schema: SchemaObject): ts.TypeNode | undefined {
  if (schema.const === null) return ts.factory.createLiteralTypeNode(ts.factory.createNull())
  const values = schema['x-extensible-enum']
  if (!Array.isArray(values)) return undefined
  const anyString = ts.factory.createTypeLiteralNode([])
  const string = ts.factory.createKeywordTypeNode(ts.SyntaxKind.StringKeyword)
  const open = ts.factory.createParenthesizedType(ts.factory.createIntersectionTypeNode([string, anyString]))
  return tsUnion([...values.map((value) => tsLiteral(value)), open])
}

function members(type: ts.TypeNode, name: string): ts.PropertySignature[] {
  const found = (type as ts.TypeLiteralNode).members.find((member) => nameOf(member) === name) as ts.PropertySignature
  return [...(found.type as ts.TypeLiteralNode).members] as ts.PropertySignature[]
}

const nameOf = ({ name }: ts.TypeElement): string => (name as ts.Identifier | ts.StringLiteral).text

function declaration(member: ts.PropertySignature): string {
  const exported = [ts.factory.createModifier(ts.SyntaxKind.ExportKeyword)]
  const type = ts.visitNode(member.type, plain) as ts.TypeNode
  return astToString(ts.factory.createTypeAliasDeclaration(exported, nameOf(member), undefined, type))
}

/** `components["schemas"]["User"]` as `User`, and comments that have the description alone. */
function plain(node: ts.Node): ts.Node {
  if (ts.isIndexedAccessTypeNode(node) && ts.isIndexedAccessTypeNode(node.objectType)) {
    const { literal } = node.indexType as ts.LiteralTypeNode
    return ts.factory.createTypeReferenceNode((literal as ts.StringLiteral).text)
  }
  if (ts.isPropertySignature(node)) {
    const text = documentation(node).slice('/*'.length, -'*/\n'.length)
    const kind = ts.SyntaxKind.MultiLineCommentTrivia
    ts.setSyntheticLeadingComments(node, text ? [{ kind, text, hasTrailingNewLine: true, pos: -1, end: -1 }] : [])
  }
  if (ts.isTypeLiteralNode(node) && node.members.length <= 3 && !node.members.some((member) => documentation(member)))
    ts.setEmitFlags(node, ts.EmitFlags.SingleLine)
  return ts.visitEachChild(node, plain, undefined)
}

/** Description and deprecation, of a comment that has a tag for each keyword. */
function documentation(member: ts.TypeElement): string {
  const [{ text = '' } = {}] = ts.getSyntheticLeadingComments(member) ?? []
  const tags = text.replace(/^\* /, '\n * ').split(/\n \* (?! {4})/)
  const description = tags.find((tag) => tag.startsWith(DESCRIPTION))?.slice(DESCRIPTION.length)
  const isDeprecated = tags.some((tag) => tag.trim() === '@deprecated')
  return comment([description?.replaceAll('\n *     ', '\n').trim(), isDeprecated ? '@deprecated' : undefined])
}
