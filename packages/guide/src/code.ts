/** Code as HTML, and parts of files that pages show. */
import { highlightHTML } from '@speed-highlight/core'
import { escapeHtml } from './html.js'

const LANGUAGES: Record<string, string> = {
  sh: 'bash',
  bash: 'bash',
  js: 'js',
  mjs: 'js',
  ts: 'ts',
  py: 'py',
  python: 'py',
  go: 'go',
  java: 'java',
  json: 'json',
  http: 'http',
  yaml: 'yaml',
  sql: 'sql',
}

/** @param language of a fence, or the ending of a file's name */
export async function codeBlock(code: string, language: string, file?: { path: string; address: string }) {
  const known = LANGUAGES[language]
  const text = code.trimEnd()
  const html = known ? await highlightHTML(text, known, { block: false }) : escapeHtml(text)
  const caption = file ? `<figcaption><a href="${file.address}">${escapeHtml(file.path)}</a></figcaption>` : ''
  return `<figure class="code">${caption}<pre><code>${html}\n</code></pre></figure>\n`
}

export const endingOf = (path: string): string => /\.(\w+)$/.exec(path)?.[1] ?? ''

/** What stands between `region <name>` and `endregion` in comments of a file, moved to the left margin. */
export function region(text: string, name: string): string {
  const lines = text.split('\n')
  const first = lines.findIndex((line) => new RegExp(`^\\s*(//|#) region ${name}$`).test(line))
  const last = lines.findIndex((line, index) => index > first && /^\s*(\/\/|#) endregion$/.test(line))
  if (first < 0 || last < 0) throw new Error(`there is no region ${name}`)
  const inside = lines.slice(first + 1, last)
  const margin = Math.min(...inside.filter((line) => line.trim()).map((line) => line.search(/\S/)))
  return inside.map((line) => line.slice(margin)).join('\n')
}
