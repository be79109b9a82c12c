/** What a page does beyond being read; without scripts it is complete but for the search. */
import { offerCopying } from './copying.js'
import { offerSearch } from './search.js'

const KEY = 'tract-theme'

function offerThemes(): void {
  const select = document.querySelector<HTMLSelectElement>('#shell-theme')
  if (!select?.parentElement) return
  select.parentElement.hidden = false
  const root = document.documentElement
  select.value = root.dataset.theme ?? 'system'
  select.addEventListener('change', () => {
    if (select.value === 'system') delete root.dataset.theme
    else root.dataset.theme = select.value
    try {
      if (select.value === 'system') window.localStorage.removeItem(KEY)
      else window.localStorage.setItem(KEY, select.value)
    } catch {
      // It then lasts as long as the page.
    }
  })
}

/** What is wider than the window can be scrolled by keyboard, and is no stop on the way where it fits. */
function reachWide(): void {
  const wide = document.querySelectorAll<HTMLElement>('pre, .table, .diagram')
  const watcher = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.setAttribute('tabindex', '0')
      else target.removeAttribute('tabindex')
    }
  })
  for (const each of wide) watcher.observe(each)
}

/** The menu shows where the reader is, also where it is longer than the window. */
function showPlace(): void {
  const place = document.querySelector('.menu [aria-current]')
  place?.scrollIntoView({ block: 'nearest' })
  document.querySelector('.menu')?.addEventListener('toggle', () => place?.scrollIntoView({ block: 'nearest' }))
}

offerThemes()
reachWide()
showPlace()
offerCopying()
offerSearch()
