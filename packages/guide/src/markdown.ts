/**
 * A page out of its Markdown. Beyond what the repository's site shows of it:
 * - a paragraph of one link with the title `include` is the file, or of `file#name` its region
 * - a fence of `mermaid` is a picture
 * - comments are left out; other HTML is refused
 */
import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import MarkdownIt, { type Token } from 'markdown-it'
import { codeBlock, endingOf, region } from './code.js'
import { diagram } from './diagram.js'
import { escapeHtml } from './html.js'
import { fileAddress, type Links } from './links.js'
import { ROOT } from './root.js'

/** What stands under one heading, up to the next. */
export interface Section {
  id: string
  heading: string
  level: number
  text: string
}

export interface Rendered {
  title: string
  html: string
  sections: Section[]
}

const markdown = new MarkdownIt({ html: true })
const { rules } = markdown.renderer

rules.html_block = () => ''
rules.html_inline = () => ''
rules.table_open = (tokens, index) => `<div class="table ${(tokens[index] as Token).meta?.form}"><table>\n`
rules.table_close = () => '</table></div>\n'
rules.fence = (tokens, index) => (tokens[index] as Token).meta?.html as string
rules.heading_open = (tokens, index) => {
  const token = tokens[index] as Token
  return `<${token.tag} id="${idOf(token)}">`
}
rules.heading_close = (tokens, index) => {
  const token = tokens[index] as Token
  const link = `<a class="anchor" href="#${idOf(token)}" tabindex="-1" aria-hidden="true">#</a>`
  return `${token.tag === 'h1' ? '' : link}</${token.tag}>\n`
}

const idOf = ({ meta }: Token): string => String(meta?.id)

export async function renderMarkdown(source: string, links: Links): Promise<Rendered> {
  const text = await readFile(join(ROOT, source), 'utf8')
  const tokens = await withIncludes(markdown.parse(text, {}), source, links)
  nameHeadings(tokens)
  describeTables(tokens)
  let pictures = 0
  for (const token of tokens) {
    if (token.type === 'html_block') refuseHtml(source, token.content)
    if (token.type === 'fence' && !token.meta?.html) {
      const html =
        token.info === 'mermaid' ? diagram(token.content, ++pictures) : await codeBlock(token.content, token.info)
      token.meta = { html }
    }
    for (const child of token.children ?? []) {
      const href = child.type === 'link_open' && child.attrGet('href')
      if (href) child.attrSet('href', links.resolve(source, String(href)))
      if (child.type === 'html_inline') refuseHtml(source, child.content)
    }
  }
  const sections = sectionsOf(tokens)
  const title = sections[0]?.level === 1 ? sections[0].heading : undefined
  if (!title) throw new Error(`${source} does not begin with its title`)
  return { title, html: markdown.renderer.render(tokens, markdown.options, {}), sections }
}

function refuseHtml(source: string, html: string): void {
  if (!/^<!--[\s\S]*-->\s*$/.test(html)) throw new Error(`${source} has HTML: ${html}`)
}

async function withIncludes(tokens: Token[], source: string, links: Links): Promise<Token[]> {
  const result: Token[] = []
  for (let index = 0; index < tokens.length; index++) {
    const link = tokens[index]?.type === 'paragraph_open' ? tokens[index + 1]?.children?.[0] : undefined
    if (link?.type !== 'link_open' || link.attrGet('title') !== 'include') {
      result.push(tokens[index] as Token)
      continue
    }
    const [href = '', name] = String(link.attrGet('href')).split('#')
    links.resolve(source, href)
    const path = posix.normalize(posix.join(posix.dirname(source), href))
    const text = await readFile(join(ROOT, path), 'utf8')
    const fence = tokens[index] as Token
    fence.type = 'fence'
    fence.nesting = 0
    fence.content = name ? region(text, name) : text
    fence.meta = { html: await codeBlock(fence.content, endingOf(path), { path, address: fileAddress(path) }) }
    result.push(fence)
    index += 2
  }
  return result
}

/** Ids as the repository's site makes them, so that a link to a section works in both. */
function nameHeadings(tokens: Token[]): void {
  const taken = new Map<string, number>()
  tokens.forEach((token, index) => {
    if (token.type !== 'heading_open') return
    const name = plain(tokens[index + 1])
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    const times = taken.get(name) ?? 0
    taken.set(name, times + 1)
    const meta = { id: escapeHtml(times === 0 ? name : `${name}-${times}`) }
    token.meta = meta
    const close = tokens[index + 2]
    if (close) close.meta = meta
  })
}

/** As many columns as fit beside each other on a narrow screen, where a table with fewer has its cells below each other. */
const MOST_STACKED = 4

/** A cell says what it is of, for where its column's head is not above it. */
function describeTables(tokens: Token[]): void {
  let table: Token | undefined
  let heads: string[] = []
  let column = 0
  tokens.forEach((token, index) => {
    if (token.type === 'table_open') {
      table = token
      heads = []
    } else if (token.type === 'th_open') {
      heads.push(plain(tokens[index + 1]))
      // an empty corner is no head of a column
      if (heads.at(-1) === '') for (const each of [token, tokens[index + 2]]) if (each) each.tag = 'td'
    }
    if (token.type === 'thead_close' && table) table.meta = { form: heads.length > MOST_STACKED ? 'wide' : 'stacked' }
    else if (token.type === 'tr_open') column = 0
    else if (token.type === 'td_open') token.attrSet('data-of', heads[column++] ?? '')
  })
}

const plain = (inline: Token | undefined): string =>
  (inline?.children ?? []).map(({ type, content }) => (type === 'softbreak' ? ' ' : content)).join('')

function sectionsOf(tokens: Token[]): Section[] {
  const sections: Section[] = []
  tokens.forEach((token, index) => {
    if (token.type === 'heading_open')
      sections.push({ id: idOf(token), heading: plain(tokens[index + 1]), level: Number(token.tag[1]), text: '' })
    else {
      const section = sections.at(-1)
      const isHeading = tokens[index - 1]?.type === 'heading_open'
      if (!section || isHeading) return
      if (token.type === 'inline') section.text += `${plain(token)}\n`
      if (token.type === 'fence' && token.info !== 'mermaid') section.text += `${token.content}\n`
    }
  })
  return sections
}
