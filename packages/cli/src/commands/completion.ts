import { Argument, type Command, Command as NewCommand } from 'commander'
import { eventNames } from '../events.js'
import type { Bind } from '../session.js'

const SCRIPTS = {
  bash: `# Put into ~/.bashrc: eval "$(tract completion bash)"
_tract() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(tract completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tract tract`,
  zsh: `# Put into ~/.zshrc, after compinit: eval "$(tract completion zsh)"
_tract() {
  local -a candidates
  candidates=(\${(f)"$(tract completion words -- "\${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
  compadd -a candidates || _files
}
compdef _tract tract`,
  fish: `# Put into ~/.config/fish/completions/tract.fish: tract completion fish
complete -c tract -f -a '(tract completion words -- (commandline -opc)[2..] 2>/dev/null)'`,
} as const

/** @param program the whole of the commands, which completion follows */
export function completionCommand(bind: Bind, program: Command): Command {
  const command = new NewCommand('completion').description(
    'Writes what makes a shell complete commands, options and events.',
  )
  for (const [shell, script] of Object.entries(SCRIPTS))
    bind(command.command(shell).description(`for ${shell}`), async ({ output }) => output.line(script))
  const words = command.command('words', { hidden: true }).addArgument(new Argument('[words...]'))
  bind(words, async ({ output, profiles }, typed) => {
    const names = Object.keys((await profiles.all().catch(() => ({ profiles: {} }))).profiles)
    for (const word of candidates(program, typed, names)) output.line(word)
  })
  return command
}

/** What may come after the words that were typed. */
function candidates(program: Command, typed: readonly string[], profiles: readonly string[]): string[] {
  let command = program
  for (const word of typed) command = command.commands.find((sub) => sub.name() === word) ?? command
  const last = typed.at(-1) ?? ''
  const options = [...command.options, ...(command === program ? [] : program.options)]
  const option = options.find(({ long, short }) => last !== '' && (last === long || last === short))
  if (option?.required) {
    if (option.attributeName() === 'profile') return [...profiles]
    return option.attributeName() === 'event' || option.attributeName() === 'events'
      ? eventNames
      : (option.argChoices ?? [])
  }
  const subcommands = command
    .createHelp()
    .visibleCommands(command)
    .map((sub) => sub.name())
  const takesEvents = command.registeredArguments.some((argument) => /event|hook/.test(argument.name()))
  const takesProfiles = command.parent?.name() === 'profiles' && command.registeredArguments.length > 0
  const flags = options.flatMap(({ long }) => long ?? [])
  return [...subcommands, ...(takesEvents ? eventNames : []), ...(takesProfiles ? profiles : []), ...flags, '--help']
}
