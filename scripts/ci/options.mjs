import { parseArgs } from 'node:util'

/**
 * What a command of the repo was given. An option that it does not have, or a value that is missing, ends it with what there is.
 * @template {import('node:util').ParseArgsConfig} const Config
 * @param {Config} config
 * @returns {ReturnType<typeof parseArgs<Config>>}
 */
export function given(config) {
  try {
    return parseArgs(config)
  } catch (error) {
    if (!error.code?.startsWith('ERR_PARSE_ARGS')) throw error
    const [said] = error.message.split(/\.\s/)
    const there = Object.entries(config.options ?? {}).map(([name, { type }]) =>
      type === 'boolean' ? `--${name}` : `--${name} <value>`,
    )
    console.error(`${said.replace(/\.$/, '')}. There are ${there.join(', ')}.`)
    process.exit(2)
  }
}
