/** What a browser gets of the console, from the build itself. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

const FIRST_VIEW_LIMIT = 200_000

interface Chunk {
  file: string
  isEntry?: boolean
  isDynamicEntry?: boolean
  imports?: string[]
  css?: string[]
}

const root = new URL('..', import.meta.url).pathname
let dist: string
let manifest: Record<string, Chunk>

beforeAll(() => {
  dist = mkdtempSync(join(tmpdir(), 'tract-console-'))
  const vite = join(dirname(createRequire(join(root, 'package.json')).resolve('vite/package.json')), 'bin/vite.js')
  execFileSync(process.execPath, [vite, 'build', '--outDir', dist, '--emptyOutDir'], { cwd: root, stdio: 'pipe' })
  manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))
})
afterAll(() => rmSync(dist, { recursive: true, force: true }))

/** A chunk and all that it imports before it runs. */
function needed(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  for (const imported of manifest[name]?.imports ?? []) needed(imported, found)
  return found
}

const size = (names: Iterable<string>) =>
  [...names].reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, manifest[name]?.file ?? ''))).length, 0)

test(`the script of whichever view is first is at most ${FIRST_VIEW_LIMIT} bytes, compressed`, () => {
  const entry = Object.keys(manifest).find((name) => manifest[name]?.isEntry) ?? ''
  const views = Object.keys(manifest).filter((name) => manifest[name]?.isDynamicEntry)
  expect(views.length).toBeGreaterThan(0)
  const sizes = views.map((view) => ({ view, bytes: size(new Set([...needed(entry), ...needed(view)])) }))
  expect(sizes.filter(({ bytes }) => bytes > FIRST_VIEW_LIMIT)).toEqual([])
})

test('its page has no script or style within, and nothing from elsewhere', () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/)
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address)
  expect(addresses.length).toBeGreaterThan(1)
  expect(addresses.filter((address) => !address?.startsWith('/console/'))).toEqual([])
})

test('its files compile nothing, and its styles fetch nothing from elsewhere', () => {
  for (const name of readdirSync(join(dist, 'assets'))) {
    const text = readFileSync(join(dist, 'assets', name), 'utf8')
    if (name.endsWith('.js')) expect([name, /\bnew Function\(|\beval\(/.test(text)]).toEqual([name, false])
    if (name.endsWith('.css')) expect([name, /@import|url\(\s*['"]?(?:https?:)?\/\//.test(text)]).toEqual([name, false])
  }
})
