/** `npm run -s stack < log`: the log, with places in the sources where its stacks have places in the bundle. */
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const BUNDLE = fileURLToPath(new URL('bundle', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PLACE = /(?:file:\/\/)?[^\s"'()]*\/bundle\/([\w.-]+\.js):(\d+):(\d+)/g

const maps = new Map()

/** Of a file of the bundle; undefined where this build has none of that name, which has a hash of the content. */
function mapOf(name) {
  const file = join(BUNDLE, `${name}.map`)
  if (!maps.has(name) && existsSync(file)) maps.set(name, new SourceMap(JSON.parse(readFileSync(file, 'utf8'))))
  return maps.get(name)
}

function sourceOf(place, name, line, column) {
  const { originalSource, originalLine, originalColumn } = mapOf(name)?.findEntry(line - 1, column - 1) ?? {}
  if (originalSource === undefined) return place
  const source = relative(ROOT, join(dirname(join(BUNDLE, name)), originalSource))
  return `${source}:${originalLine + 1}:${originalColumn + 1}`
}

for await (const line of createInterface({ input: process.stdin })) console.log(line.replace(PLACE, sourceOf))
