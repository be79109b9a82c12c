import { output } from './command.mjs'

const brought = new Map()

/** Node of a major version: this one, or the one that npx brings, once for all who ask. @param {import('./account.mjs').Account} account */
export function nodeProgram(version, account) {
  if (process.versions.node.startsWith(`${version}.`)) return process.execPath
  const key = `${version} ${account.folder}`
  if (!brought.has(key)) brought.set(key, bring(version, account))
  return brought.get(key)
}

async function bring(version, { as, folder }) {
  const print = ['-y', '-p', `node@${version}`, 'node', '-p', 'process.versions.node + " " + process.execPath']
  const [found, node] = (await output('npx', print, { ...as, cwd: folder })).trim().split(' ')
  if (!found.startsWith(`${version}.`)) throw new Error(`npx brought Node ${found}`)
  return node
}
