/** Diagrams in Mermaid, which repositories' sites draw by themselves, as SVG without styles of its own: the page's policy allows none. */
import { renderMermaidSVG } from 'beautiful-mermaid'
import { escapeHtml } from './html.js'

/** Pixels: what is no wider can still be read where it is made to fit a narrow screen. */
const SMALL = 460

/** @param code its first line is `%% ` and what the picture shows, for those who do not see it */
export function diagram(code: string, number: number): string {
  const [, description] = /^%% (.+)\n/.exec(code) ?? []
  if (!description) throw new Error(`a diagram does not begin with its description:\n${code}`)
  const svg = renderMermaidSVG(code.replace(/^%% .+\n/, ''), { padding: 12, nodeSpacing: 28, layerSpacing: 44 })
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replace(/<svg [^>]*?style="[^"]*"/, (tag) => tag.replace(/ style="[^"]*"/, ''))
    // each picture has marks of its own
    .replace(/id="([\w-]+)"/g, `id="picture-${number}-$1"`)
    .replace(/url\(#([\w-]+)\)/g, `url(#picture-${number}-$1)`)
    .replace('<svg ', '<svg aria-hidden="true" focusable="false" ')
  const width = Number(/ width="([\d.]+)"/.exec(svg)?.[1])
  const form = width <= SMALL ? 'diagram small' : 'diagram'
  return `<figure class="${form}" role="img" aria-label="${escapeHtml(description)}">${svg}</figure>\n`
}
