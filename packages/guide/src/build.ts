/** Makes `dist`: a page of HTML for each page and file, and what they need, named by its contents. Nothing is fetched. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { codeBlock, endingOf } from './code.js'
import { addressOf, PAGES, type PageOfGuide } from './contents.js'
import { escapeHtml } from './html.js'
import { type Assets, layout } from './layout.js'
import { fileAddress, isFolder, Links } from './links.js'
import { type Rendered, renderMarkdown } from './markdown.js'
import { PACKAGE, ROOT } from './root.js'
import type { SearchEntry } from './search-entry.js'

const STYLES = ['text.css', 'shell.css']
const CONSOLE = join(ROOT, 'packages/console/src')

export async function buildGuide(folder: string): Promise<void> {
  const links = new Links()
  const pages: { page: PageOfGuide; rendered: Rendered }[] = []
  for (const page of PAGES) pages.push({ page, rendered: await renderMarkdown(page.source, links) })

  const written = new Set<string>()
  const write = async (path: string, text: string) => {
    written.add(path)
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const assets = await writeAssets(write, entriesOf(pages))
  for (const { page, rendered } of pages)
    await write(`${page.path || 'index'}.html`, layout({ ...rendered, page }, assets))
  // a folder's page leads to further files
  for (const path of links.files) {
    const html = `<h1 id="file">${escapeHtml(path)}</h1>\n${await fileHtml(path, links)}`
    await write(`files/${path}.html`, layout({ title: path, html, sections: [] }, assets))
  }
  // last, and only what is not of this build: two builds of the same pages may run at once
  for (const path of await filesIn(folder)) if (!written.has(path)) await rm(join(folder, path), { force: true })
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)))
}

async function fileHtml(path: string, links: Links): Promise<string> {
  if (!isFolder(path)) return codeBlock(await readFile(join(ROOT, path), 'utf8'), endingOf(path))
  const names = (await readdir(join(ROOT, path))).sort()
  for (const name of names) links.files.add(`${path}/${name}`)
  const item = (name: string) => `<li><a href="${fileAddress(`${path}/${name}`)}">${escapeHtml(name)}</a></li>`
  return `<ul>${names.map(item).join('')}</ul>\n`
}

function entriesOf(pages: { page: PageOfGuide; rendered: Rendered }[]): SearchEntry[] {
  return pages.flatMap(({ page, rendered }) =>
    rendered.sections.map(({ id, heading, level, text }) => ({
      id: level === 1 ? addressOf(page.path) : `${addressOf(page.path)}#${id}`,
      page: page.name,
      heading: level === 1 ? '' : heading,
      text: text.replace(/\s+/g, ' ').trim(),
    })),
  )
}

type Write = (path: string, text: string) => Promise<void>

async function writeAssets(write: Write, entries: SearchEntry[]): Promise<Assets> {
  const asset = async (name: string, ending: string, text: string) => {
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 12)
    await write(`assets/${name}-${hash}.${ending}`, text)
    return addressOf(`assets/${name}-${hash}.${ending}`)
  }
  const styles = [join(CONSOLE, 'styles/tokens.css'), ...STYLES.map((name) => join(PACKAGE, 'src/browser', name))]
  const style = await Promise.all(styles.map((path) => readFile(path, 'utf8')))
  return {
    icon: await asset('icon', 'svg', await readFile(join(CONSOLE, 'icon.svg'), 'utf8')),
    style: await asset('guide', 'css', style.join('\n')),
    theme: await asset('theme', 'js', await bundled('theme.ts')),
    script: await asset('guide', 'js', await bundled('guide.ts')),
    search: await asset('search', 'json', JSON.stringify(entries)),
  }
}

async function bundled(name: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(PACKAGE, 'src/browser', name)],
    bundle: true,
    write: false,
    minify: true,
    format: name === 'theme.ts' ? 'iife' : 'esm',
    target: 'es2022',
    logLevel: 'warning',
  })
  return outputFiles[0]?.text ?? ''
}

if (argv[1] === fileURLToPath(import.meta.url)) await buildGuide(join(PACKAGE, 'dist'))
