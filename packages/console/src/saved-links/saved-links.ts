/**
 * Lists that a person gave a name, each as the address that brings it back. This browser keeps them; what was entered as a filter is in them, and
 * nothing that a list shows.
 */
import { useSyncExternalStore } from 'react'

export interface SavedLink {
  name: string
  /** Path and query, within the console. */
  address: string
}

const KEY = 'tract-saved-links'
/** Of all lists together; the oldest go first. */
const MOST = 100
const listeners = new Set<() => void>()
let links: readonly SavedLink[] | undefined

const isLink = (value: unknown): value is SavedLink =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  'address' in value &&
  typeof value.name === 'string' &&
  typeof value.address === 'string' &&
  value.address.startsWith('/console/')

/** Whatever else the storage holds is left out: another version, or a person, may have written it. */
export function parseLinks(kept: string | null): SavedLink[] {
  try {
    const value: unknown = JSON.parse(kept ?? '[]')
    return Array.isArray(value) ? value.filter(isLink).map(({ name, address }) => ({ name, address })) : []
  } catch {
    return []
  }
}

/** One name is one link of its list. */
export const withLink = (all: readonly SavedLink[], link: SavedLink): SavedLink[] =>
  [...withoutLink(all, link), link].slice(-MOST)

export const withoutLink = (all: readonly SavedLink[], { name, address }: SavedLink): SavedLink[] =>
  all.filter((each) => !(each.name === name && pathOf(each.address) === pathOf(address)))

/** A list's own, by name. */
export const linksOf = (all: readonly SavedLink[], path: string): SavedLink[] =>
  all.filter(({ address }) => pathOf(address) === path).toSorted((a, b) => a.name.localeCompare(b.name))

const pathOf = (address: string): string => address.split('?', 1)[0] ?? ''

function current(): readonly SavedLink[] {
  links ??= readKept()
  return links
}

function readKept(): SavedLink[] {
  try {
    return parseLinks(window.localStorage.getItem(KEY))
  } catch {
    return []
  }
}

function become(next: readonly SavedLink[]): void {
  links = next
  try {
    window.localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // They then last as long as the page.
  }
  for (const listener of listeners) listener()
}

export const saveLink = (link: SavedLink): void => become(withLink(current(), link))
export const forgetLink = (link: SavedLink): void => become(withoutLink(current(), link))

/** Another tab may save one too. */
const onStorage = ({ key }: StorageEvent) => {
  if (key !== KEY && key !== null) return
  links = undefined
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  if (listeners.size === 0) window.addEventListener('storage', onStorage)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) window.removeEventListener('storage', onStorage)
  }
}

export const useSavedLinks = (path: string): readonly SavedLink[] =>
  linksOf(useSyncExternalStore(subscribe, current), path)
