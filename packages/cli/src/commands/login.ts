import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type ApiError, AuthenticationError, PermissionError } from '@tract/client/platform'
import { Command } from 'commander'
import { addressOf, Connection, credentialsOf, DEFAULT_URL } from '../connection.js'
import { EXIT, usage } from '../exit.js'
import { plain } from '../output.js'
import type { ProcessIo } from '../process-io.js'
import type { Profile } from '../profiles.js'
import type { Bind, Session } from '../session.js'

interface LoginOptions {
  clientId?: string
  secretStdin?: boolean
  privateKey?: string
  from?: string
}

export function loginCommand(bind: Bind): Command {
  const command = new Command('login')
    .description('Keeps a client’s credentials as a profile, after trying them.')
    .option('--client-id <id>', 'the client’s id; TRACT_CLIENT_ID by default')
    .option('--secret-stdin', 'read the secret from standard input; TRACT_CLIENT_SECRET, or a question, by default')
    .option(
      '--private-key <file>',
      'a private key in PEM or as a JWK, in place of a secret; the file stays where it is',
    )
    .option(
      '--from <file>',
      'every client of a file that the service wrote, such as .tract/demo.json, or that the console offered',
    )
    .addHelpText(
      'after',
      `
Secrets are kept in a file that only you can read, and are never shown. There is no option for the secret itself: other users
see what stands on a command line.`,
    )
  bind<LoginOptions>(command, async (session, _args, options) => {
    if (options.from !== undefined) return logInFrom(session, options.from)
    const { io, profiles, output } = session
    const { env } = io
    const ask = asking(io)
    const asked = options.url || env.TRACT_URL ? undefined : await ask?.('Address of the service', DEFAULT_URL)
    const url = addressOf(['--url', options.url], ['TRACT_URL', env.TRACT_URL], ['The address', asked || DEFAULT_URL])
    const client_id = options.clientId || env.TRACT_CLIENT_ID || (await ask?.('Client id'))
    if (!client_id) throw usage('The client’s id is missing.', 'Give --client-id, or set TRACT_CLIENT_ID.')
    const profile: Profile = options.privateKey
      ? { url, client_id, private_key: resolve(options.privateKey) }
      : { url, client_id, client_secret: await secret(options, io) }
    const tried = await tryOut('login', profile)
    const name = options.profile ?? tried.listener ?? 'operator'
    await profiles.save({ [name]: tried }, name)
    output.result({ profile: name, url, listener: tried.listener ?? null }, () =>
      output.line(`Logged in at ${url} as ${tried.listener ?? 'an operator'}; the profile is ${name}.`),
    )
  })
  return command
}

/** What the service writes at its first start, and of its sandbox at every start; and what the console offers of a client that it made. */
interface CredentialsFile {
  url?: string
  listeners?: Record<string, Profile>
  sandbox?: Record<string, Profile>
  admin?: Profile
}

/** A file with a client for each listener, of the sandbox too, and an operator's. */
async function logInFrom(session: Session, file: string): Promise<void> {
  const { options, profiles, output } = session
  let written: CredentialsFile | null
  try {
    written = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw usage(`${file} cannot be read: ${(error as Error).message}`)
  }
  const given = options.url || written?.url
  const clients = [
    ...Object.entries(written?.listeners ?? {}).map(([listener, client]) => ({ name: listener, listener, client })),
    ...Object.entries(written?.sandbox ?? {}).map(([listener, client]) => ({
      name: `sandbox-${listener}`,
      listener,
      client,
    })),
    ...(written?.admin ? [{ name: 'operator', listener: null, client: written.admin }] : []),
  ]
  if (!given || clients.length === 0 || clients.some(({ client }) => typeof client?.client_id !== 'string'))
    throw usage(`${file} holds no clients of a service.`)
  const url = addressOf(['--url', options.url], [`The address in ${file}`, written?.url])
  const made = clients.map(({ name, listener, client: { client_id, client_secret } }): [string, Profile] => [
    name,
    { url, client_id, ...(client_secret !== undefined && { client_secret }), ...(listener !== null && { listener }) },
  ])
  const names = made.map(([name]) => name)
  const current = options.profile ?? (names.includes('desk') ? 'desk' : (names[0] as string))
  if (!names.includes(current)) throw usage(`${file} has no client '${current}'.`, `It has: ${names.join(', ')}.`)
  const tried = await Promise.all(made.map(async ([name, profile]) => ({ name, ...(await outcomeOf(name, profile)) })))
  const refused = tried.flatMap(({ name, refusal }) => (refusal ? [{ name, refusal }] : []))
  const own = refused.find(({ name }) => name === current)
  if (own) throw own.refusal
  const kept = tried.flatMap(({ name, profile }): [string, Profile][] => (profile ? [[name, profile]] : []))
  await profiles.save(Object.fromEntries(kept), current)
  const letIn = kept.map(([name]) => name)
  const notLetIn = Object.fromEntries(refused.map(({ name, refusal }) => [name, refusal.message]))
  output.result({ profiles: letIn, current, url, ...(refused.length > 0 && { refused: notLetIn }) }, () =>
    output.line(`Logged in at ${url}; the profiles are ${letIn.join(', ')}, and ${current} is the current one.`),
  )
  if (refused.length === 0) return
  for (const { name, refusal } of refused)
    output.note(`Not kept, since the service refuses it: ${plain(`${name} (${refusal.message})`)}`)
  output.note(`Start the service again if it wrote ${file}, or remove these clients from it.`)
  session.exitCode = EXIT.failed
}

/** The profile once it has let in, or why the service refuses it; that it cannot be asked is an error of its own. */
async function outcomeOf(name: string, profile: Profile): Promise<{ profile?: Profile; refusal?: ApiError }> {
  try {
    return { profile: await tryOut(name, profile) }
  } catch (error) {
    if (error instanceof AuthenticationError || error instanceof PermissionError) return { refusal: error }
    throw error
  }
}

/** @returns the profile with its listener, once the service has given a token for it */
async function tryOut(name: string, profile: Profile): Promise<Profile> {
  const connection = new Connection(name, profile.url, await credentialsOf(name, profile, '--private-key'))
  try {
    const { listener } = await connection.identity()
    return { ...profile, ...(listener !== null && { listener }) }
  } finally {
    await connection.tract.close()
  }
}

async function secret(options: LoginOptions, io: ProcessIo): Promise<string> {
  const given = await givenSecret(options, io)
  if (given === '') throw usage('The client’s secret is empty.')
  return given
}

async function givenSecret({ secretStdin }: LoginOptions, { env, stdin, stderr }: ProcessIo): Promise<string> {
  if (secretStdin) return (await text(stdin)).trim()
  if (env.TRACT_CLIENT_SECRET) return env.TRACT_CLIENT_SECRET
  if (!stdin.isTTY)
    throw usage('The client’s secret is missing.', 'Pipe it in with --secret-stdin, or set TRACT_CLIENT_SECRET.')
  stderr.write('Client secret (not shown): ')
  // what is typed would be echoed to the output
  const lines = createInterface({ input: stdin, output: new PassThrough().resume(), terminal: true })
  const answer = await lines.question('')
  lines.close()
  stderr.write('\n')
  return answer.trim()
}

/** Asks a person; undefined where there is none. */
function asking({ stdin, stderr }: ProcessIo): ((question: string, otherwise?: string) => Promise<string>) | undefined {
  if (!stdin.isTTY) return undefined
  return async (question, otherwise) => {
    const lines = createInterface({ input: stdin, output: stderr })
    const answer = await lines.question(`${question}${otherwise ? ` [${otherwise}]` : ''}: `)
    lines.close()
    return answer.trim() || (otherwise ?? '')
  }
}
