/** Method and path of the console's calls: the operations of the platform document. */
import { operationsOf } from '../operations.js'
import { publish } from '../publish.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { line } from '../typescript.js'

export function consoleCalls({ document }: Pick<Source, 'document'>): GeneratedFile[] {
  const calls = operationsOf(publish(document, 'platform')).map(
    ({ id, method, path }) => `${id}: ${line([method.toUpperCase(), path])},`,
  )
  const contents = `${header('targets/console-calls.ts')}
/** Method and path of every operation, by operationId. */
export const calls = {
  ${calls.join('\n  ')}
} as const
`
  return [{ path: 'packages/console/src/generated/calls.ts', contents }]
}
