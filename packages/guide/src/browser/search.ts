/**
 * The search: a combobox as the ARIA Authoring Practices have it. The focus stays in the field, the arrows choose among sections,
 * Enter goes there, Escape closes. The sections are fetched when the field is first used, and searched in the browser.
 */
import { excerpt } from './excerpt.js'
import { type Find, finder } from './finder.js'

const MOST = 12

let finding: Promise<Find> | undefined

async function loadFinder(): Promise<Find> {
  const response = await fetch(document.body.dataset.search ?? '')
  if (!response.ok) throw new Error(`the index answers ${response.status}`)
  return finder(await response.json())
}

export function offerSearch(): void {
  const place = document.querySelector<HTMLElement>('#shell-search')
  if (!place) return
  const field = element('input', {
    type: 'search',
    role: 'combobox',
    placeholder: 'Search  ( / )',
    'aria-label': 'Search the guide',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': 'shell-found',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  const list = element('ul', { id: 'shell-found', role: 'listbox', 'aria-label': 'Sections' })
  list.hidden = true
  const said = element('p', { role: 'status', class: 'said' })
  place.append(field, list, said)
  place.hidden = false

  const options = () => [...list.querySelectorAll<HTMLElement>('[role=option]')]
  const chosen = () => list.querySelector<HTMLElement>('[aria-selected=true]')
  const open = (isOpen: boolean) => {
    list.hidden = !isOpen
    field.setAttribute('aria-expanded', String(isOpen))
  }
  const choose = (option: HTMLElement | undefined) => {
    chosen()?.setAttribute('aria-selected', 'false')
    if (option) {
      option.setAttribute('aria-selected', 'true')
      option.scrollIntoView({ block: 'nearest' })
      field.setAttribute('aria-activedescendant', option.id)
    } else field.removeAttribute('aria-activedescendant')
  }
  const go = (option: HTMLElement | null | undefined) => {
    if (!option?.dataset.to) return
    open(false)
    said.textContent = ''
    window.location.assign(option.dataset.to)
  }

  async function search(): Promise<void> {
    const words = field.value.trim()
    finding ??= loadFinder()
    let find: Find
    try {
      find = await finding
    } catch {
      finding = undefined
      said.textContent = 'The search could not be loaded. Try again.'
      return
    }
    // what was typed while the index came
    if (words !== field.value.trim()) return
    const found = words ? find(words).slice(0, MOST) : []
    list.replaceChildren(
      ...found.map((entry, index) => {
        const option = element('li', { role: 'option', id: `shell-found-${index}`, 'aria-selected': 'false' })
        option.dataset.to = entry.id
        const title = element('span', { class: 'found-title' })
        title.textContent = entry.heading ? `${entry.page} › ${entry.heading}` : entry.page
        const text = element('span', { class: 'found-text' })
        text.append(...excerpt(entry.text, entry.terms))
        option.append(title, text)
        return option
      }),
    )
    choose(undefined)
    open(found.length > 0)
    said.textContent = words && found.length === 0 ? `Nothing was found for “${words}”.` : ''
  }

  field.addEventListener('input', () => void search())
  field.addEventListener('focus', () => void search())
  field.addEventListener('blur', () => {
    open(false)
    said.textContent = ''
  })
  // before the field loses the focus
  list.addEventListener('pointerdown', (event) => event.preventDefault())
  list.addEventListener('click', (event) => go((event.target as Element).closest<HTMLElement>('[role=option]')))
  field.addEventListener('keydown', (event) => {
    const all = options()
    const at = all.indexOf(chosen() as HTMLElement)
    if (event.key === 'ArrowDown') choose(all[(at + 1) % all.length])
    else if (event.key === 'ArrowUp') choose(all.at(at <= 0 ? -1 : at - 1))
    else if (event.key === 'Enter') go(chosen() ?? all[0])
    else if (event.key === 'Escape' && !list.hidden) open(false)
    else return
    event.preventDefault()
  })
  document.addEventListener('keydown', (event) => {
    const isTyping = (event.target as Element).closest('input, select, textarea')
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    field.focus()
  })
}

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made
}
