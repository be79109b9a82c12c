/** Saves what the page holds as a file of the reader's own machine. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // a browser has read it by then, or will not
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
