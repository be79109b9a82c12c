/** What was meant by a name that there is not. */
import leven from 'leven'
import { HELP } from './resources.js'

/** The command line's, the clients' and the tests' own: they may stand in the environment of a service too. */
const OF_OTHERS = /^TRACT_(URL|PROFILE|CLIENT_ID|CLIENT_SECRET|CONFIG_DIR|HOOK_SECRET|SECRET|KEY|CHROMIUM|TEST_\w+)$/
/** What Kubernetes tells every process of a service that is called "tract". */
const OF_KUBERNETES = /^TRACT_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/

const isOfOthers = (name: string) => OF_OTHERS.test(name) || OF_KUBERNETES.test(name)

/** The nearest of the names, if it is near; one without our prefix, or with it, is nearest. */
function nearest(word: string, names: readonly string[]): string | undefined {
  const bare = (name: string) => name.replace(/^TRACT_/, '')
  const same = names.find((name) => bare(name) === bare(word))
  if (same !== undefined) return same
  const [first] = names.map((name) => ({ name, distance: leven(word, name) })).sort((a, b) => a.distance - b.distance)
  return first && first.distance <= Math.max(2, word.length / 3) ? first.name : undefined
}

const didYouMean = (name: string | undefined) =>
  `${name ? ` Did you mean ${name}?` : ''} \`${HELP}\` lists what there is.`

/** How a setting might be given by those who look for an option. */
const optionOf = (setting: string) =>
  `--${setting
    .replace(/^TRACT_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`

/** Without the database's address the service would make a database of its own, and say nothing. */
const ADDRESSES = ['DATABASE_URL', 'DATABASE_DIRECT_URL']

/** Other variables without our prefix are none of ours. */
const looksLikeSetting = (name: string) =>
  /^TRACT_/i.test(name) || ADDRESSES.some((address) => leven(name.toUpperCase(), address) <= 2)

/** What is wrong with each variable that looks like a setting. */
export function unknownSettings(environment: NodeJS.ProcessEnv, names: readonly string[]): string[] {
  return Object.keys(environment)
    .filter((name) => looksLikeSetting(name) && environment[name] !== '')
    .filter((name) => !names.includes(name) && !isOfOthers(name))
    .map((name) => `${name} is no setting.${didYouMean(nearest(name.toUpperCase(), names))}`)
}

/** What is wrong with each word of the command line that is none of the options, and may be meant for a setting. */
export function unknownOptions(
  words: readonly string[],
  options: readonly string[],
  settings: readonly string[],
): string[] {
  const asOptions = new Map(settings.map((name) => [optionOf(name), name]))
  return words
    .filter((word) => !options.includes(word))
    .map((word) => {
      const guess = nearest(word.split('=', 1)[0] as string, [...options, ...asOptions.keys()])
      const setting = guess && asOptions.get(guess)
      return `${word} is no option${setting ? ': settings are environment variables' : ''}.${didYouMean(setting ?? guess)}`
    })
}
