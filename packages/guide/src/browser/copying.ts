/** A button at each block of code that takes it along. */
const SAID_FOR_MS = 2_000

export function offerCopying(): void {
  for (const figure of document.querySelectorAll('figure.code')) {
    const code = figure.querySelector('code')
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    button.textContent = 'Copy'
    button.addEventListener('click', async () => {
      button.textContent = code && (await copied(code)) ? 'Copied' : 'Selected: press Ctrl+C'
      setTimeout(() => {
        button.textContent = 'Copy'
      }, SAID_FOR_MS)
    })
    figure.append(button)
  }
}

/** A browser may refuse, and has no clipboard where a page comes over plain http from another machine: then the code is selected. */
async function copied(code: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(code.textContent.trimEnd())
    return true
  } catch {
    window.getSelection()?.selectAllChildren(code)
    return false
  }
}
