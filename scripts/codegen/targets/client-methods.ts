/** The SDK's methods, a class for each resource: the vendor's, and the platform's further ones. */
import { type Method, methodsFor, methodText, operationTable } from '../client-method.js'
import type { SdkNames } from '../client-names.js'
import type { Audience, OpenApiDocument } from '../document.js'
import { schemasOf } from '../operations.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { comment, importOf, indent, pascalCase } from '../typescript.js'

const FOLDER = 'packages/client/src/generated'
/** Classes written by hand that have the other methods of a resource. */
const BY_HAND: Readonly<Record<string, string>> = { attachments: 'Files' }

export function clientMethods({ document }: Pick<Source, 'document'>, names?: SdkNames): GeneratedFile[] {
  const vendor = methodsFor(document, 'vendor', names)
  const platform = methodsFor(document, 'platform', names).filter(
    ({ name }) => !vendor.some((method) => method.name === name),
  )
  return [
    file('vendor', vendor, document, (resource) => BY_HAND[resource] ?? 'Resource'),
    file('platform', platform, document, (resource) =>
      vendor.some((method) => method.resource === resource) ? `vendor.${pascalCase(resource)}` : 'Resource',
    ),
  ]
}

function file(
  audience: Audience,
  all: readonly Method[],
  document: OpenApiDocument,
  base: (resource: string) => string,
): GeneratedFile {
  const methods = all.filter(({ byHand }) => !byHand)
  const resources = [...new Set(methods.map(({ resource }) => resource))]
  const classes = resources.map((resource) => resourceClass(resource, base(resource), methods, document))
  const tables = methods.map(operationTable)
  const Name = audience === 'vendor' ? 'VendorMethods' : 'PlatformMethods'
  const fields = resources.map((resource) => {
    const tag = methods.find((method) => method.resource === resource)?.entry.tag
    const description = document.tags?.find(({ name }) => name === tag)?.description as string | undefined
    const override = audience === 'vendor' || base(resource) === 'Resource' ? '' : 'override '
    return `${comment([description])}${override}readonly ${resource}: ${pascalCase(resource)}`
  })
  const made = resources.map((resource) => `this.${resource} = new ${pascalCase(resource)}(caller)`)
  const statements = audience === 'vendor' ? made : ['super(caller)', ...made]
  const body = `${tables.join('\n')}

${classes.join('\n\n')}

/** ${audience === 'vendor' ? 'Every resource that a vendor has.' : 'Every resource, those of a vendor included.'} */
export class ${Name}${audience === 'vendor' ? '' : ' extends vendor.VendorMethods'} {
  ${fields.map((field) => indent(field)).join('\n  ')}

  /** @internal */
  constructor(caller: Caller) {
    ${statements.join('\n    ')}
  }
}
`
  const imports = [
    importUsed(body, Object.keys(schemasOf(document)), '@tract/contract'),
    importUsed(body, Object.values(BY_HAND), '../attachments/files.js', 'import'),
    importUsed(body, ['MessageDeletion', 'MessageEdit'], '../calls/correction.js'),
    importUsed(body, ['deletionEvent', 'editEvent'], '../calls/correction.js', 'import'),
    "import type { Operation } from '../calls/operation.js'\n",
    importUsed(body, ['HookToRegister'], '../calls/hook-to-register.js'),
    importUsed(body, ['ListPromise', 'TractPromise'], '../calls/promise.js'),
    importUsed(body, ['Caller', 'Serialised'], '../calls/resource.js'),
    importUsed(body, ['Resource', 'serialise'], '../calls/resource.js', 'import'),
    importUsed(body, ['ThreadOutcome'], '../calls/thread-outcome.js'),
    "import type { CallOptions } from '../options.js'\n",
    importUsed(body, ['ByteStream'], '../transport/bytes.js'),
    importUsed(body, ['OutgoingEvent', 'PlatformEvent'], './events.js'),
    audience === 'vendor' ? '' : "import * as vendor from './vendor-methods.js'\n",
  ]
  return {
    path: `${FOLDER}/${audience}-methods.ts`,
    contents: `${header('targets/client-methods.ts')}${imports.join('')}\n${body}`,
  }
}

function resourceClass(resource: string, base: string, methods: readonly Method[], document: OpenApiDocument): string {
  const own = methods.filter((method) => method.resource === resource).map((method) => methodText(method, document))
  return `export class ${pascalCase(resource)} extends ${base} {\n  ${own.map((text) => indent(text)).join('\n\n  ')}\n}`
}

/** Without the comments, which name schemas too. */
function importUsed(body: string, names: readonly string[], module: string, keyword = 'import type'): string {
  const code = body.replaceAll(/\/\*\*.*?\*\//gs, '')
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(code))
  return importOf(used, module, keyword)
}
