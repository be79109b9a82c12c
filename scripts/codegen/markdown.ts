/** Tables and anchors of the reference pages. */

export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Paragraphs, those that are missing left out. */
export function section(...paragraphs: (string | undefined)[]): string {
  return `${paragraphs
    .map((paragraph) => paragraph?.trim())
    .filter((paragraph) => paragraph)
    .join('\n\n')}\n`
}

export function code(text: string): string {
  return `\`${text}\``
}

/** Everything of a cell stands on one line, and its bars are escaped. */
function cell(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/(?<!\\)\|/g, '\\|')
}
