/** Every target, run over one source. */
import { DOCUMENTS, PEER_TYPES } from './output.js'
import type { GeneratedFile, Source, Target } from './source.js'
import { cliHooks } from './targets/cli-hooks.js'
import { clientContract } from './targets/client-contract.js'
import { clientEvents } from './targets/client-events.js'
import { clientMethods } from './targets/client-methods.js'
import { clientTypes } from './targets/client-types.js'
import { clientWebhooks } from './targets/client-webhooks.js'
import { consoleCalls } from './targets/console-calls.js'
import { contract } from './targets/contract.js'
import { errorReference } from './targets/error-reference.js'
import { errors } from './targets/errors.js'
import { eventReference } from './targets/event-reference.js'
import { events } from './targets/events.js'
import { hookReference } from './targets/hook-reference.js'
import { operations } from './targets/operations.js'
import { prisma } from './targets/prisma.js'
import { schemas } from './targets/schemas.js'

const COMMITTED: readonly Target[] = [
  schemas,
  operations,
  events,
  errors,
  contract,
  clientTypes,
  async (source) => (await import('./targets/types.js')).types(source),
  (source) => clientMethods(source),
  (source) => clientContract(source),
  clientEvents,
  clientWebhooks,
  cliHooks,
  consoleCalls,
  prisma,
  errorReference,
  eventReference,
  hookReference,
]

export const renderCommitted = (source: Source): Promise<GeneratedFile[]> => render(source, COMMITTED)

/** Each loaded where it is wanted: a build without tests has no use for the TypeScript compiler. */
const BUILT: Record<string, () => Promise<Target>> = {
  [DOCUMENTS]: async () => (await import('./targets/published-documents.js')).publishedDocuments,
  [PEER_TYPES]: async () => (await import('./targets/peer-types.js')).peerTypes,
}

/** @param folder one of BUILT */
export async function renderBuilt(source: Source, folder: string): Promise<GeneratedFile[]> {
  const target = await BUILT[folder]?.()
  return render(source, target ? [target] : [])
}

async function render(source: Source, targets: readonly Target[]): Promise<GeneratedFile[]> {
  const files = (await Promise.all(targets.map((target) => target(source)))).flat()
  const paths = files.map(({ path }) => path)
  const twice = paths.find((path, index) => paths.indexOf(path) !== index)
  if (twice) throw new Error(`two targets write ${twice}`)
  return files
}
