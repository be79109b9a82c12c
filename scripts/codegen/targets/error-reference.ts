/** docs/reference/errors.md: every error code, for people. */

import { code, section, table } from '../markdown.js'
import { operationsOf } from '../operations.js'
import { type GeneratedFile, header, type Source } from '../source.js'

export function errorReference({ document, errors }: Pick<Source, 'document' | 'errors'>): GeneratedFile[] {
  const users = usersOf(document)
  const sections = errors.map(({ group, errors: list }) => {
    const rows = list.map(({ code: name, status, description }) => {
      const ids = users.get(name) ?? []
      return [code(name), String(status), description, answeredBy(ids)]
    })
    return section(`## ${group}`, table(['code', 'status', 'meaning', 'answered by'], rows))
  })
  const contents = `${header('targets/error-reference.ts', '<!--', ' -->')}
# Errors

Every answer that is not 2xx has one body: \`error\`, a sentence for a person; \`code\`, stable, for a program; \`request_id\`, the id of the
call in TRACT's logs; and \`issues\`, where single fields are at fault. A code is never reused for something else.

${sections.join('\n')}`
  return [{ path: 'docs/reference/errors.md', contents }]
}

function answeredBy(ids: readonly string[]): string {
  if (ids.length === 0) return '–'
  return ids.length > 8 ? `${ids.length} operations` : ids.map(code).join(', ')
}

/** The operations that document each code. */
function usersOf(document: Source['document']): Map<string, string[]> {
  const users = new Map<string, string[]>()
  for (const { id, answers } of operationsOf(document)) {
    for (const name of new Set(answers.flatMap(({ errorCodes }) => errorCodes)))
      users.set(name, [...(users.get(name) ?? []), id])
  }
  return users
}
