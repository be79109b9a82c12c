/**
 * Every definition in the folders beside the root document is referred to from somewhere. Redocly sees only what the root
 * leads to, so that a path, a hook or a schema to which nothing refers would be neither published nor checked.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parse } from 'yaml'

const FOLDERS = ['paths', 'webhooks', 'schemas', 'responses', 'parameters', 'headers']

export const NoUnusedDefinitions = () => ({
  Root: {
    leave(/** @type {unknown} */ _root, /** @type {import('../document.js').Context} */ ctx) {
      const root = ctx.location.source.absoluteRef
      for (const name of unusedDefinitions(dirname(root), root))
        ctx.report({ message: `${name} is referred to by nothing.`, location: ctx.location })
    },
  },
})

/**
 * @param {string} folder
 * @param {string} root
 * @returns {string[]} as `schemas/users.yaml#/User`
 */
function unusedDefinitions(folder, root) {
  const files = FOLDERS.flatMap((name) => yamlFiles(join(folder, name)))
  const documents = new Map(
    [root, ...yamlFiles(folder), ...files].map((path) => [path, parse(readFileSync(path, 'utf8'))]),
  )
  const used = new Set(
    [...documents].flatMap(([path, document]) => references(document).map((ref) => absolute(path, ref))),
  )
  return files
    .flatMap((path) => Object.keys(documents.get(path) ?? {}).map((key) => `${path}#/${key}`))
    .filter((definition) => !used.has(definition))
    .map((definition) => relative(folder, definition))
}

/** @param {string} folder */
function yamlFiles(folder) {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

/**
 * @param {unknown} node
 * @returns {string[]}
 */
function references(node) {
  if (Array.isArray(node)) return node.flatMap(references)
  if (node === null || typeof node !== 'object') return []
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : references(value),
  )
}

/**
 * The definition that a reference leads into: its file and first step.
 * @param {string} path
 * @param {string} ref
 */
function absolute(path, ref) {
  const [file = '', pointer = ''] = ref.split('#/')
  const step = pointer.split('/')[0]?.replaceAll('~1', '/').replaceAll('~0', '~')
  return `${file ? resolve(dirname(path), file) : path}#/${step}`
}
