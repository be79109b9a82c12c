/** The document of one audience: its operations and hooks, their components, no keys of ours. */
import {
  type Audience,
  type Components,
  DATA,
  METHODS,
  NAMES,
  type OpenApiDocument,
  type Operation,
  type PathItem,
  resolve,
} from './document.js'
import { methodsOf } from './operations.js'
import { requestsOf, withServerChecks } from './server-checks.js'

type SecuritySchemes = NonNullable<Components['securitySchemes']>

/** Keys that steer the generators. `x-tract-extension` tells a reader something, so it stays. */
const INTERNAL = new Set([
  ...['x-alias-of', 'x-audience', 'x-entity', 'x-error-codes', 'x-event-catalogue', 'x-idempotent', 'x-operators'],
  ...['x-also', 'x-names', 'x-refused-with', 'x-text', 'x-then'],
])
const OPERATOR_SCOPE = 'platform:admin'
/** The parameter's component, and the one with another example for calls of the platform alone. */
const ACT_FOR = 'ActFor'
const ACT_FOR_PLATFORM = 'ActForPlatform'
const PLATFORM_SCOPE = 'platform:'

export function publish(whole: OpenApiDocument, audience: Audience): OpenApiDocument {
  const document = audience === 'platform' ? withOperators(whole) : whole
  const { paths, webhooks, components = {}, tags, ...rest } = document
  const items = { paths: itemsFor(document, paths, audience), webhooks: itemsFor(document, webhooks, audience) }
  const operations = Object.values({ ...items.paths, ...items.webhooks }).flatMap((item) =>
    methodsOf(item).map(([, operation]) => operation),
  )
  const tagNames = new Set(operations.flatMap((operation) => operation.tags ?? []))
  const scopes = new Set(
    operations.flatMap(({ security = [] }) => security.flatMap((requirement) => Object.values(requirement).flat())),
  )
  const used = componentsUsed(components, reachable(document, { security: document.security, items }))
  const requested = reachable(document, requestsOf(document, items.paths))
  const parts = { paths: items.paths, components: used }
  const { paths: checked, components: kept } = withServerChecks(document, parts, requested)
  return stripped({
    ...rest,
    ...(tags === undefined ? {} : { tags: tags.filter(({ name }) => tagNames.has(name)) }),
    ...items,
    paths: checked,
    components: {
      ...kept,
      ...(kept.securitySchemes ? { securitySchemes: narrowed(kept.securitySchemes, scopes) } : {}),
    },
  }) as OpenApiDocument
}

function itemsFor(
  document: OpenApiDocument,
  items: OpenApiDocument['webhooks'] = {},
  audience: Audience,
): Record<string, PathItem> {
  const kept = Object.entries(items).flatMap(([name, reference]) => {
    const item = resolve<PathItem>(document, reference)
    const forgotten = methodsOf(item).find(([, operation]) => !operation['x-audience']?.length)
    if (forgotten) throw new Error(`${forgotten[1].operationId ?? name}: without x-audience it is in no document`)
    const methods = METHODS.filter((method) => item[method]?.['x-audience']?.includes(audience))
    if (methods.length === 0) return []
    const entries = Object.entries(item).filter(([key]) => !isMethod(key) || methods.some((method) => method === key))
    return [[name, Object.fromEntries(entries) as PathItem] as const]
  })
  return Object.fromEntries(kept)
}

/** Adds the operator's session to every operation; the document has it once, in `x-operators`. */
function withOperators(document: OpenApiDocument): OpenApiDocument {
  const { 'x-operators': operators, paths = {}, components = {} } = document
  if (!operators) return document
  const opened = (operation: Operation): Operation => {
    const { security = [], parameters = [] } = operation
    if (security.length === 0) return operation
    const scopes = security.flatMap((requirement) => Object.values(requirement).flat())
    const isListeners = scopes.some((scope) => scope !== OPERATOR_SCOPE)
    const actFor = scopes.every((scope) => scope.startsWith(PLATFORM_SCOPE)) ? ACT_FOR_PLATFORM : ACT_FOR
    return {
      ...operation,
      security: [...security.filter((requirement) => !(operators.session in requirement)), { [operators.session]: [] }],
      ...(isListeners && { parameters: [...parameters, { $ref: `#/components/parameters/${actFor}` }] }),
    }
  }
  const items = Object.entries(paths).map(([path, item]) => {
    const methods = methodsOf(resolve<PathItem>(document, item)).map(([method, operation]) => [
      method,
      opened(operation),
    ])
    return [path, { ...resolve<PathItem>(document, item), ...Object.fromEntries(methods) }] as const
  })
  const { act_for, act_for_platform: example } = operators
  const parameters = { ...components.parameters, [ACT_FOR]: act_for, [ACT_FOR_PLATFORM]: { ...act_for, example } }
  return { ...document, paths: Object.fromEntries(items), components: { ...components, parameters } }
}

function isMethod(key: string): boolean {
  return METHODS.some((method) => method === key)
}

/** The schemes with the scopes that the audience's operations ask for. */
function narrowed(schemes: SecuritySchemes, scopes: ReadonlySet<string>): SecuritySchemes {
  return Object.fromEntries(
    Object.entries(schemes).map(([name, { flows, ...scheme }]) => {
      const narrow = Object.entries(flows ?? {}).map(([flow, rest]) => {
        const asked = Object.entries(rest.scopes).filter(([scope]) => scopes.has(scope))
        return [flow, { ...rest, scopes: Object.fromEntries(asked) }] as const
      })
      return [name, flows ? { ...scheme, flows: Object.fromEntries(narrow) } : scheme]
    }),
  )
}

/** The components that a part leads to, as `kind/name`. A security requirement has no `$ref`. */
function reachable(document: OpenApiDocument, start: unknown): Set<string> {
  const found = new Set<string>()
  const add = (component: string) => {
    if (found.has(component)) return
    found.add(component)
    const [kind = '', name = ''] = component.split('/')
    visit(document.components?.[kind]?.[name])
  }
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== 'object') return
    for (const [key, value] of Object.entries(node)) {
      if (INTERNAL.has(key)) continue
      if (key === '$ref' && typeof value === 'string') add(value.replace('#/components/', ''))
      else if (key === 'security' && Array.isArray(value)) {
        for (const scheme of value.flatMap((requirement) => Object.keys(requirement))) add(`securitySchemes/${scheme}`)
      } else visit(value)
    }
  }
  visit(start)
  return found
}

function componentsUsed(components: Components, used: ReadonlySet<string>): Components {
  const kinds = Object.entries(components).map(([kind, members]) => {
    const kept = Object.entries(members ?? {}).filter(([name]) => used.has(`${kind}/${name}`))
    return [kind, Object.fromEntries(kept)] as const
  })
  return Object.fromEntries(kinds.filter(([, members]) => Object.keys(members).length > 0))
}

/** A copy without our own keys. */
function stripped(node: unknown, names = false): unknown {
  if (node === null || typeof node !== 'object') return node
  if (Array.isArray(node)) return node.map((item) => stripped(item))
  const entries = Object.entries(node).filter(([key]) => names || !INTERNAL.has(key))
  return Object.fromEntries(
    entries.map(([key, value]) => [key, !names && DATA.has(key) ? value : stripped(value, !names && NAMES.has(key))]),
  )
}
