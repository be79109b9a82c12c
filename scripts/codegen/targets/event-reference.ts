/** docs/reference/events.md: the event catalogue, for people. */
import { code, section, table } from '../markdown.js'
import { componentName } from '../schema/reference.js'
import { schemaLink, schemaSection } from '../schema/reference-page.js'
import { type GeneratedFile, header, type Source } from '../source.js'

export function eventReference({ document, events }: Pick<Source, 'document' | 'events'>): GeneratedFile[] {
  const types = events.map(({ type, extension, description, subtypes }) => {
    const rows = subtypes.map((event) => [
      `${code(event.subtype)}${(event.extension ?? extension) ? ' *(extension)*' : ''}`,
      event.description,
      event.senders.map((sender) => (sender === 'tract' ? 'TRACT' : code(sender))).join(', '),
      event.effect,
      event.metadata ? schemaLink(componentName(event.metadata.$ref)) : '–',
    ])
    const columns = ['subtype', 'meaning', 'who sends it', 'effect', 'metadata']
    return section(`## ${type}`, description, table(columns, rows))
  })
  const names = new Set(
    events.flatMap(({ subtypes }) =>
      subtypes.flatMap(({ metadata }) => (metadata ? componentName(metadata.$ref) : [])),
    ),
  )
  const schemas = [...names].map((name) => schemaSection(document, name))
  const contents = `${header('targets/event-reference.ts', '<!--', ' -->')}
# Events

An event has a \`type\` and a \`subtype\`; the hook of the same category and subcategory receives it ([hooks](hooks.md)), and those whose
senders are kinds of listeners can be sent. \`metadata\` is a string on the wire: JSON of the schema that is named here.
Who hears which of them, and when, is in [thread control](../thread-control.md).

${types.join('\n')}
## Metadata

${schemas.join('\n')}`
  return [{ path: 'docs/reference/events.md', contents }]
}
