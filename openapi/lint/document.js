/**
 * The document as the rules read it: operations of `paths` and `webhooks` alike, and schemas with their references
 * followed. A place is a node together with where it stands, so that a finding points at the line that has to change.
 *
 * @typedef {import('@redocly/openapi-core').Location} Location
 * @typedef {import('@redocly/openapi-core').UserContext} Context
 * @typedef {Record<string, any>} Node
 * @typedef {{ node: Node, location: Location, references: Node[] }} Place `references` are the `$ref` nodes that led here.
 * @typedef {{ kind: 'path' | 'webhook', name: string, method: string, node: Node, location: Location, parameters: Place[] }} Operation
 */

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

/**
 * @param {Context} ctx
 * @param {unknown} node
 * @param {Location} location
 * @returns {Place | undefined} undefined where there is nothing, or a reference that leads nowhere (redocly reports those)
 */
function follow(ctx, node, location) {
  /** @type {Node[]} */
  const references = []
  let at = { node: /** @type {any} */ (node), location }
  while (typeof at.node?.$ref === 'string') {
    references.push(at.node)
    const resolved = ctx.resolve(at.node, at.location.source.absoluteRef)
    if (!resolved.location || references.length > 32) return undefined
    at = { node: resolved.node, location: resolved.location }
  }
  return at.node !== null && typeof at.node === 'object' ? { ...at, references } : undefined
}

/**
 * @param {Context} ctx
 * @param {Place} place
 * @param {...(string | number)} path
 */
export function child(ctx, place, ...path) {
  let at = /** @type {Place | undefined} */ (place)
  for (const key of path) at = at && follow(ctx, at.node[key], at.location.child([key]))
  return at
}

/**
 * @param {Context} ctx
 * @param {Place} place
 * @returns {[string, Place][]}
 */
export function children(ctx, place) {
  return Object.keys(place.node).flatMap((key) => {
    const found = child(ctx, place, key)
    return found ? [/** @type {[string, Place]} */ ([key, found])] : []
  })
}

/**
 * @param {Context} ctx a context whose location is the root
 * @param {Node} root
 * @returns {Operation[]}
 */
export function operations(ctx, root) {
  const place = { node: root, location: ctx.location, references: [] }
  return /** @type {const} */ ([
    ['path', 'paths'],
    ['webhook', 'webhooks'],
  ]).flatMap(([kind, section]) => {
    const items = child(ctx, place, section)
    return (items ? children(ctx, items) : []).flatMap(([name, item]) =>
      METHODS.flatMap((method) => {
        const operation = child(ctx, item, method)
        if (!operation) return []
        const parameters = [item, operation].flatMap((holder) => {
          const list = child(ctx, holder, 'parameters')
          return list ? children(ctx, list).map(([, parameter]) => parameter) : []
        })
        return [{ kind, name, method, node: operation.node, location: operation.location, parameters }]
      }),
    )
  })
}

/** @param {Operation} operation */
export const title = (operation) =>
  operation.kind === 'webhook' ? `hook ${operation.name}` : `${operation.method.toUpperCase()} ${operation.name}`

/** @param {Operation} operation */
export const placeOf = (operation) => ({ node: operation.node, location: operation.location, references: [] })

/**
 * @param {Context} ctx
 * @param {Operation} operation
 * @returns {[string, Place][]}
 */
export function responses(ctx, operation) {
  const all = child(ctx, placeOf(operation), 'responses')
  return all ? children(ctx, all) : []
}

/**
 * @param {Context} ctx
 * @param {Place | undefined} holder a request body or a response
 * @returns {[string, Place][]} the media types, by name
 */
export function mediaTypes(ctx, holder) {
  const content = holder && child(ctx, holder, 'content')
  return content ? children(ctx, content) : []
}

/** @param {string} mediaType */
export const isJson = (mediaType) => /^application\/(.+\+)?json\b/.test(mediaType)
