/** What is saved as a file of the reader's own machine. */

/** Characters that are gathered until a browser is given a part of its own, which it may keep on the disk. */
const PART = 1024 * 1024

export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // a browser has read it by then, or will not
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** Saves a text as it comes, however long it is. */
export async function saveText(name: string, type: string, pieces: AsyncIterable<string>): Promise<void> {
  const parts: Blob[] = []
  let gathered = ''
  for await (const piece of pieces) {
    gathered += piece
    if (gathered.length < PART) continue
    parts.push(new Blob([gathered]))
    gathered = ''
  }
  saveFile(name, new Blob([...parts, gathered], { type }))
}
