import type { SandboxState } from '@tract/contract'
import type { Credentials } from '../accounts/first-start.js'
import type { Organisations } from '../accounts/organisations.js'
import type { Config } from '../config.js'
import type { Sliced } from '../database/slices.js'
import type { EgressAllow } from '../deliver/send/address-rules.js'
import { vetUrl } from '../deliver/send/egress-guard.js'
import { makeExampleFiles } from '../sandbox/example-files.js'
import { makeExampleUsers } from '../sandbox/example-users.js'
import { PARTY_NAMES, SANDBOX_ID, type SandboxPlan, SandboxProblem } from '../sandbox/provision.js'
import type { Sandbox } from '../sandbox/sandbox.js'
import type { Log } from '../telemetry/log.js'
import { provision } from './provision.js'
import type { Shutdown } from './shutdown.js'
import type { Storage } from './storage.js'

export interface ProvisionParts extends Pick<Storage, 'setup' | 'box' | 'files'> {
  /** The search paths of slices. */
  paths: Sliced<string | null>
  egress: EgressAllow
  organisations: Organisations
  shutdown: Shutdown
  notice: (text: string) => void
  log: Log
}

export type MovedListener = [organisationId: string, listener: string]

export interface ProvisionedService {
  /** The file with credentials, if there is one. */
  file: string | null
  sandbox: SandboxState
  /** A client of the sandbox's desk. */
  desk: Credentials | null
  /** The service answers: the sandbox's parties may begin. */
  open(): void
  /** Listeners whose hooks have moved, so that their lanes are to be looked at again. */
  moved: readonly MovedListener[]
}

/** Makes all that a start makes. Without a sandbox, the rest starts: terminal, log and page say why and what to do. */
export async function provisionService(config: Config, parts: ProvisionParts): Promise<ProvisionedService> {
  const { setup, paths, files, organisations, shutdown, notice, log } = parts
  let problem: string | undefined
  const fail = (error: unknown) => {
    problem = `${(error as Error).message}. Mend that and start TRACT again.`
    notice(`The sandbox did not start: ${problem}`)
    log.error({ err: error }, 'the sandbox did not start')
    return null
  }
  const opened = config.sandbox ? await openSandbox(config, parts).catch(fail) : null
  const provisioned = await provision(setup, config, opened?.plan ?? null, fail).catch(async (error) => {
    await opened?.sandbox.close()
    throw error
  })
  if (opened && provisioned.sandbox === null) await opened.sandbox.close()
  if (opened && provisioned.sandbox !== null) {
    // closed when nothing more is delivered to it
    shutdown.add(() => opened.sandbox.close())
    opened.sandbox.seat(provisioned.sandbox)
  }
  const isRunning = provisioned.sandbox !== null
  if (isRunning && !config.production) {
    const make = async () => {
      await makeExampleUsers(setup, paths, organisations)
      await makeExampleFiles(setup, files)
    }
    await make().catch((error: Error) => {
      notice(
        `The users of the documents' examples could not be made: ${error.message}. Start TRACT again to have them.`,
      )
      log.error({ err: error }, 'the users of the examples could not be made')
    })
  }
  return {
    file: provisioned.file,
    sandbox: problem !== undefined ? { state: 'failed', problem } : { state: isRunning ? 'running' : 'off' },
    desk: provisioned.sandbox?.credentials.desk ?? null,
    open: () => opened?.sandbox.open(),
    moved: isRunning ? PARTY_NAMES.map((name) => [SANDBOX_ID, name]) : [],
  }
}

/** The parties' places, and what is to be stored of them. @throws {SandboxProblem} */
async function openSandbox(
  { host, port, publicUrl: site, production }: Config,
  { box, egress, log }: ProvisionParts,
): Promise<{ sandbox: Sandbox; plan: SandboxPlan }> {
  // loaded where it is wanted only: it stands on the client, as vendors get it
  const { Sandbox } = await import('../sandbox/sandbox.js')
  const anywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }
  const address = anywhere[host] ?? host
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}`
  const onError = (error: unknown) => log.warn({ err: error }, 'a party of the sandbox failed')
  const sandbox = await Sandbox.listen({ url, site, onError })
  const { urls, hooks } = sandbox.places
  if ('refused' in (await vetUrl(urls.desk, egress))) {
    await sandbox.close()
    throw new SandboxProblem('its hooks need http,127.0.0.1 in TRACT_EGRESS_ALLOW')
  }
  return { sandbox, plan: { urls, hooks, box, withExamples: !production } }
}
