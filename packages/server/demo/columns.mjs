/** Prints what happens in one column for each party, so that each reads as its own side of the conversation. */

const between = ' │ '

export class Columns {
  #names
  #width

  constructor(names, total = process.stdout.columns ?? 120) {
    this.#names = names
    this.#width = Math.max(28, Math.floor((Math.min(total, 150) - (names.length - 1) * between.length) / names.length))
  }

  heading(titles) {
    this.#row(titles)
    console.log(titles.map(() => '─'.repeat(this.#width)).join('─┼─'))
  }

  /** A line under the party's name, as many rows as it needs. */
  line(name, text) {
    for (const row of wrap(text, this.#width)) this.#row(this.#names.map((other) => (other === name ? row : '')))
  }

  #row(cells) {
    console.log(
      cells
        .map((cell) => cell.padEnd(this.#width))
        .join(between)
        .trimEnd(),
    )
  }
}

/** Breaks between words; what follows is indented beneath the arrow. */
function wrap(text, width) {
  const rows = ['']
  for (const word of text.split(' ')) {
    const row = rows.at(-1)
    if (row === '') rows[rows.length - 1] = word
    else if (row.length + 1 + word.length <= width) rows[rows.length - 1] = `${row} ${word}`
    else rows.push(`  ${word}`)
  }
  return rows
}
