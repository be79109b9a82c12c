/** The part of the README that says what every command takes: what each says itself. */
import type { Command } from 'commander'
import { createProgram } from '../../src/program.js'

export const BEGIN = '<!-- What follows is written by `npm run reference -w @tract/cli`. -->'

export function reference(): string {
  const program = createProgram(() => {})
  const sections = commandsOf(program).map(([name, command]) => `### ${name}\n\n\`\`\`\n${helpOf(command)}\n\`\`\`\n`)
  return `${BEGIN}\n\n${sections.join('\n')}`
}

function commandsOf(command: Command, path = 'tract'): [string, Command][] {
  const subcommands = command
    .createHelp()
    .visibleCommands(command)
    .filter((sub) => sub.name() !== 'help')
    .map((sub): [string, Command] => [`${path} ${sub.name()}`, sub])
  return [[path, command], ...subcommands.flatMap(([name, sub]) => commandsOf(sub, name))]
}

/** As it comes with `--help`. */
function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({
    writeOut: (part) => {
      text += part
    },
    getOutHelpWidth: () => 100,
  })
  command.outputHelp()
  return text.trim()
}
