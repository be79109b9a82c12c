/** The operations as rows (OpenAPI 3.1 §4.8.10): method, path, scopes, and schemas by name. */
import type { OpenApiDocument } from '../document.js'
import { type OperationEntry, operationsOf } from '../operations.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { line, propertyName, row } from '../typescript.js'
import { grouped, USUAL_CODES } from '../usual-codes.js'

const PATH = 'packages/contract/src/generated/operations.ts'
const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data'
/** The schema of an error, unless the row names another. */
const USUAL_ERROR = 'Error'

type Given = Pick<Source, 'document' | 'errors'>

export function operations({ document, errors }: Given): GeneratedFile[] {
  const scopes = scopesOf(document)
  const statuses = new Map(errors.flatMap((group) => group.errors.map(({ code, status }) => [code, status])))
  const rows = operationsOf(document).map((entry) => {
    check(entry, scopes, statuses)
    return `${propertyName(entry.id)}: ${operationRow(entry)},`
  })
  const groups = Object.entries(USUAL_CODES).map(([name, codes]) => `const ${name} = ${line(codes)} as const`)
  const contents = `${header('targets/operations.ts')}import type { OperationRow } from '../operation-row.js'

${groups.join('\n')}

/** The scopes of a token, with what each is for (RFC 6749 §3.3). */
export const scopes = ${row(Object.entries(scopes).map(([name, about]) => [name, line(about)]))} as const

/** Every operation, by operationId. */
export const operations = {
  ${rows.map((text) => text.replaceAll('\n', '\n  ')).join('\n  ')}
} as const satisfies Record<string, OperationRow>
`
  return [{ path: PATH, contents }]
}

function operationRow(entry: OperationEntry): string {
  const { method, path, aliasOf, audience, idempotent, params, query, headers, body, answers } = entry
  const schemas = Object.entries({ params, query, headers, body }).flatMap(([part, named]) =>
    named ? [[part, named.name]] : [],
  )
  const answered = answers.flatMap(({ status, body: answer }) =>
    answer && answer.name !== USUAL_ERROR ? [[status, answer.name]] : [],
  )
  const { groups, others } = grouped([...new Set(answers.flatMap(({ errorCodes }) => errorCodes))])
  const literals = {
    method: method.toUpperCase(),
    path,
    ...(aliasOf !== undefined && { aliasOf }),
    audience,
    scopes: scopesNeeded(entry),
    ...(idempotent && { idempotent }),
    ...(body?.contentTypes.includes(FORM) && { form: true }),
    ...(body?.contentTypes.includes(MULTIPART) && { multipart: true }),
    ...Object.fromEntries(schemas),
    answers: Object.fromEntries(answered),
  }
  return row([
    ...Object.entries(literals).map(([name, value]) => [name, line(value)] as const),
    ['codes', `[${[...groups.map((group) => `...${group}`), ...others].join(', ')}]`],
  ])
}

function check(entry: OperationEntry, scopes: Record<string, string>, statuses: ReadonlyMap<string, number>): void {
  const { id, answers } = entry
  const unknown = scopesNeeded(entry).filter((scope) => !Object.hasOwn(scopes, scope))
  if (unknown.length > 0) throw new Error(`${id}: the security scheme oauth2 has no scope ${unknown.join(', ')}`)
  const [success, ...more] = answers.filter(({ status }) => status < 300)
  // a part of a file is of the file's type
  const others = more.filter(({ status, body }) => status !== 206 || body?.name !== success?.body?.name)
  if (success?.status !== 200 || !success.body || others.length > 0)
    throw new Error(`${id}: success is answered by 200 with a body, and by nothing else`)
  for (const { status, body, errorCodes } of answers) {
    if (status < 300) continue
    if (!body || errorCodes.length === 0) throw new Error(`${id}: ${status} needs a body and its error codes`)
    const other = errorCodes.find((code) => statuses.get(code) !== status)
    if (other !== undefined) throw new Error(`${id}: ${other} does not come with ${status}`)
  }
}

/** One scope for each alternative; none where the operation asks for no token (§4.8.30). */
function scopesNeeded({ id, security }: OperationEntry): string[] {
  return security.flatMap(({ oauth2 }) => {
    if (oauth2 && oauth2.length > 1)
      throw new Error(`${id}: several scopes in one alternative; write one alternative a scope`)
    return oauth2 ?? []
  })
}

/** As the security scheme lists them; a component schema `Scope` has to list the same. */
function scopesOf(document: OpenApiDocument): Record<string, string> {
  const flows = document.components?.securitySchemes?.oauth2?.flows ?? {}
  const scopes: Record<string, string> = Object.assign({}, ...Object.values(flows).map((flow) => flow.scopes))
  const schema = document.components?.schemas?.Scope
  const listed = typeof schema === 'object' ? (schema.enum ?? []) : Object.keys(scopes)
  const names = new Set([...Object.keys(scopes), ...listed])
  const differing = [...names].filter((name) => !Object.hasOwn(scopes, String(name)) || !listed.includes(name))
  if (differing.length > 0)
    throw new Error(`the component schema Scope and the security scheme differ: ${differing.join(', ')}`)
  return scopes
}
