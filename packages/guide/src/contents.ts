/** What the guide has, in the order in which it is read. `source` is a file of the repository. */
export interface PageOfGuide {
  /** Its address below `/guide/`; the first page has none. */
  path: string
  source: string
  /** What the menu calls it. */
  name: string
}

export interface Part {
  name: string
  pages: readonly PageOfGuide[]
}

const guide = (path: string, name: string): PageOfGuide => ({ path, name, source: `docs/guide/${path || 'index'}.md` })
const docs = (path: string, name: string): PageOfGuide => ({ path, name, source: `docs/${path}.md` })

export const PARTS: readonly Part[] = [
  {
    name: 'Guide',
    pages: [
      guide('', 'Overview'),
      guide('start', 'Start here'),
      guide('concepts', 'Concepts'),
      guide('control', 'Thread control'),
      guide('receiving', 'Receiving hooks'),
      guide('sending', 'Sending'),
      guide('needs', 'What a desk needs'),
      guide('testing', 'Testing'),
      guide('finding', 'Finding things'),
      guide('production', 'Going to production'),
      guide('deploy', 'Deploying'),
      guide('migrating', 'Migrating a desk'),
      guide('changes', 'Changes'),
    ],
  },
  {
    name: 'In depth',
    pages: [
      docs('hooks', 'The hook receiver'),
      docs('thread-control', 'Who hears what'),
      docs('desk', 'A desk that survives'),
      docs('generators', 'Clients in other languages'),
      docs('console', 'The console'),
      docs('operations', 'Running TRACT'),
      docs('guarantees', 'Guarantees'),
    ],
  },
  {
    name: 'Reference',
    pages: [
      docs('reference/hooks', 'Hooks'),
      docs('reference/events', 'Events'),
      docs('reference/errors', 'Errors'),
      docs('glossary', 'Glossary'),
    ],
  },
]

export const PAGES: readonly PageOfGuide[] = PARTS.flatMap(({ pages }) => pages)

export const addressOf = (path: string): string => (path === '' ? '/guide' : `/guide/${path}`)
