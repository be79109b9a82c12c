/** Where a link of a page leads: to another page, to a file of the repository, which becomes a page, or out of the guide. */
import { existsSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import { addressOf, PAGES } from './contents.js'
import { ROOT } from './root.js'

/** How the pages name the service's own addresses, so that a link works on the reader's machine before it is published. */
const SERVICE = 'http://localhost:8080'

const pathOf = new Map(PAGES.map(({ source, path }) => [source, path]))

export class Links {
  /** The files and folders that pages lead to, by their paths in the repository. */
  readonly files = new Set<string>()

  /** @param source the file with the link @throws where nothing is at its end */
  resolve(source: string, href: string): string {
    if (href.startsWith('#')) return href
    if (href === SERVICE || href.startsWith(`${SERVICE}/`)) return href.slice(SERVICE.length) || '/'
    if (/^[a-z]+:/.test(href)) return href
    const [path = '', anchor] = href.split('#')
    const target = posix.normalize(posix.join(posix.dirname(source), path)).replace(/\/$/, '')
    const page = pathOf.get(target)
    const address = page === undefined ? this.#file(source, target) : addressOf(page)
    return anchor === undefined ? address : `${address}#${anchor}`
  }

  #file(source: string, target: string): string {
    if (target.startsWith('..') || !existsSync(join(ROOT, target)))
      throw new Error(`${source} links to ${target}, which is not there`)
    this.files.add(target)
    return fileAddress(target)
  }
}

export const fileAddress = (path: string): string => addressOf(`files/${path}`)

export const isFolder = (path: string): boolean => statSync(join(ROOT, path)).isDirectory()
