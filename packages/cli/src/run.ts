import { CommanderError } from 'commander'
import { EXIT } from './exit.js'
import { type Failure, failureOf } from './failure.js'
import { Output, plain, toTerminal } from './output.js'
import type { ProcessIo } from './process-io.js'
import { createProgram, everyCommand } from './program.js'
import { type GlobalOptions, Session } from './session.js'

/** Runs a command line. @returns what the process is to end with */
export async function run(args: readonly string[], io: ProcessIo): Promise<number> {
  let session: Session | undefined
  const json = wantsJson(args)
  const program = createProgram((command, work) => {
    command.action(async () => {
      const options = command.optsWithGlobals<GlobalOptions>()
      session = new Session(io, options)
      await work(
        session,
        command.processedArgs.flat().filter((word) => word !== undefined),
        options as never,
      )
    })
  })
  for (const command of everyCommand(program))
    command.exitOverride().configureOutput({
      writeOut: (text) => io.stdout.write(toTerminal(text)),
      // in JSON it is told below, as every other error
      writeErr: (text) => json || io.stderr.write(toTerminal(text)),
    })
  try {
    await program.parseAsync(args, { from: 'user' })
    return session?.exitCode ?? EXIT.ok
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok
      return json ? tell(new Output(io, true), ofCommandLine(error)) : EXIT.usage
    }
    // of a call, or of a question that a person broke off
    if ((error as Error | undefined)?.name === 'AbortError') return EXIT.interrupted
    const failure = failureOf(error)
    if (!failure) throw error
    return tell(new Output(io, session ? session.options.json === true : json), failure)
  } finally {
    await session?.close()
  }
}

/** Before the command line is understood, which may be what fails. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return args.slice(0, end < 0 ? undefined : end).includes('--json')
}

/** Its message is `error: unknown command 'hook'`, with a guess below. */
function ofCommandLine({ code, message }: CommanderError): Failure {
  const hint = 'Say --help for what it takes.'
  if (code === 'commander.help') return { message: 'A command is missing.', exit: EXIT.usage, hint }
  const [what = '', guess] = message.replace(/^error: /, '').split('\n')
  return { message: what, exit: EXIT.usage, hint: guess?.replace(/^\((.*)\)$/, '$1') ?? hint }
}

function tell(output: Output, { exit, ...failure }: Failure): number {
  if (output.json) {
    output.note(JSON.stringify({ error: failure }))
    return exit
  }
  output.note(`${output.paint('red', 'error', 'stderr')}: ${plain(failure.message)}`)
  for (const { path, message } of failure.issues ?? []) output.note(`  ${plain(path)} ${plain(message)}`)
  if (failure.hint) output.note(plain(failure.hint))
  if (failure.code) {
    const id = failure.request_id ? `, ${failure.request_id}` : ''
    output.note(output.paint('dim', plain(`(${failure.code}${id})`), 'stderr'))
  }
  return exit
}
