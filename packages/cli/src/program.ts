import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { attachCommand } from './commands/attach.js'
import { availabilityCommand } from './commands/availability.js'
import { completionCommand } from './commands/completion.js'
import { conversationsCommand, transcriptCommand } from './commands/conversations.js'
import { deliveriesCommand } from './commands/deliveries.js'
import { doctorCommand } from './commands/doctor.js'
import { hooksCommand } from './commands/hooks.js'
import { listenCommand } from './commands/listen.js'
import { loginCommand } from './commands/login.js'
import { messageCommand } from './commands/message.js'
import { profilesCommand } from './commands/profiles.js'
import { sendCommand } from './commands/send.js'
import { tailCommand } from './commands/tail.js'
import { threadCommand } from './commands/thread.js'
import { threadsCommand } from './commands/threads.js'
import { triggerCommand } from './commands/trigger.js'
import { whoamiCommand } from './commands/whoami.js'
import type { Bind } from './session.js'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const AFTER = `
Exit codes:
  0    done
  1    refused, or failed: the service or the receiver said no, or a check found something
  2    the command was not given as it has to be, or a setting is missing
  3    the service was not reached, or could not answer
  130  interrupted in the middle of it; what goes on until it is interrupted ends with 0

Environment:
  TRACT_PROFILE        the profile to use, as --profile
  TRACT_URL            the address of the service, as --url
  TRACT_CLIENT_ID      with TRACT_CLIENT_SECRET: a client without a profile
  TRACT_CLIENT_SECRET
  TRACT_CONFIG_DIR     where profiles are kept; $XDG_CONFIG_HOME/tract by default
  NO_COLOR             no colours`

/** Every command. What each does is bound by `bind`, so that the commands can also be looked at without running one. */
export function createProgram(bind: Bind): Command {
  const program = new Command('tract')
    .description('Receives hooks on your machine, tests your receiver, and shows and repeats deliveries.')
    .version(version)
    .addOption(new Option('-p, --profile <name>', 'the profile to use; the current one by default'))
    .addOption(new Option('--url <address>', 'the address of the service; that of the profile by default'))
    .addOption(new Option('--json', 'results as JSON'))
    .addHelpText('after', AFTER)
  const commands = [
    ...[loginCommand, profilesCommand, whoamiCommand, hooksCommand, listenCommand, triggerCommand, deliveriesCommand],
    ...[
      sendCommand,
      attachCommand,
      messageCommand,
      threadCommand,
      threadsCommand,
      availabilityCommand,
      conversationsCommand,
      transcriptCommand,
    ],
    ...[tailCommand, doctorCommand],
  ]
  for (const command of commands) program.addCommand(command(bind))
  program.addCommand(completionCommand(bind, program))
  for (const command of everyCommand(program))
    command
      .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
      .showHelpAfterError('Say --help for what it takes.')
  return program
}

/** A command and all below it. */
export function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}
