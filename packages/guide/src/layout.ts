/** A page around its content. Nothing in it is a script or a style, which the service's policy would stop. */
import { addressOf, PAGES, PARTS, type PageOfGuide } from './contents.js'
import { escapeHtml } from './html.js'
import type { Section } from './markdown.js'

/** Addresses of what every page needs. */
export interface Assets {
  icon: string
  style: string
  theme: string
  script: string
  search: string
}

export interface Content {
  title: string
  html: string
  /** Undefined for a file of the repository. */
  page?: PageOfGuide
  sections: readonly Section[]
}

/** Where else the service can be read and tried. */
const PLACES = [
  { name: 'API', address: '/docs' },
  { name: 'Reference', address: addressOf('reference/hooks') },
  { name: 'Console', address: '/console' },
]

/** What frames a text has ids that no heading has: they begin with `shell-`. */
export function layout(content: Content, assets: Assets): string {
  const { title, html, page, sections } = content
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · TRACT</title>
<link rel="icon" href="${assets.icon}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.style}">
<script src="${assets.theme}"></script>
<script type="module" src="${assets.script}"></script>
</head>
<body data-search="${assets.search}">
<a class="skip" href="#shell-content">To the text</a>
<header>
<button type="button" class="menu-button" popovertarget="shell-menu">Menu</button>
<a class="home" href="${addressOf('')}"><img src="${assets.icon}" alt="" width="24" height="24"> TRACT <span>Guide</span></a>
<search id="shell-search" hidden></search>
<nav class="places" aria-label="Elsewhere">${PLACES.map(({ name, address }) => `<a href="${address}">${name}</a>`).join('')}</nav>
<label class="theme" hidden><span class="unseen">Colours</span><select id="shell-theme"><option value="system">Colours: auto</option><option value="light">Colours: light</option><option value="dark">Colours: dark</option></select></label>
</header>
<div class="columns">
<nav id="shell-menu" class="menu" popover aria-label="Pages">${PARTS.map((part) => partOfMenu(part.name, part.pages, page)).join('')}</nav>
<main id="shell-content" tabindex="-1">
<article>
${html}</article>
${page ? neighbours(page) : ''}</main>
${onThisPage(sections)}</div>
</body>
</html>
`
}

function partOfMenu(name: string, pages: readonly PageOfGuide[], current: PageOfGuide | undefined): string {
  const items = pages.map((each) => {
    const mark = each === current ? ' aria-current="page"' : ''
    return `<li><a href="${addressOf(each.path)}"${mark}>${escapeHtml(each.name)}</a></li>`
  })
  return `<h2>${escapeHtml(name)}</h2><ul>${items.join('')}</ul>`
}

function neighbours(page: PageOfGuide): string {
  const at = PAGES.indexOf(page)
  const link = (to: PageOfGuide | undefined, rel: 'prev' | 'next', word: string) =>
    to
      ? `<a rel="${rel}" href="${addressOf(to.path)}"><span>${word}</span> ${escapeHtml(to.name)}</a>`
      : '<span></span>'
  return `<nav class="neighbours" aria-label="Before and after">${link(PAGES[at - 1], 'prev', 'Before:')}${link(PAGES[at + 1], 'next', 'Next:')}</nav>\n`
}

function onThisPage(sections: readonly Section[]): string {
  const headings = sections.filter(({ level }) => level === 2)
  if (headings.length < 2) return ''
  const items = headings.map(({ id, heading }) => `<li><a href="#${id}">${escapeHtml(heading)}</a></li>`)
  return `<nav class="on-this-page" aria-labelledby="shell-on-this-page"><h2 id="shell-on-this-page">On this page</h2><ul>${items.join('')}</ul></nav>\n`
}
