/** A button at each block of code that takes it along. */
const SAID_FOR_MS = 2_000

export function offerCopying(): void {
  // only where the page is at https, or on the machine itself
  if (!navigator.clipboard) return
  for (const figure of document.querySelectorAll('figure.code')) {
    const code = figure.querySelector('code')
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    button.textContent = 'Copy'
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(code?.textContent?.trimEnd() ?? '')
      button.textContent = 'Copied'
      setTimeout(() => {
        button.textContent = 'Copy'
      }, SAID_FOR_MS)
    })
    figure.append(button)
  }
}
