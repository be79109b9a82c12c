import { BlockList, isIP } from 'node:net'

type Range = readonly [network: string, prefix: number]

/** What is not a public address, by the name that an error sentence gives it. IANA special-purpose registries, RFC 6890. */
const RANGES: Record<string, readonly Range[]> = {
  loopback: [
    ['127.0.0.0', 8],
    ['::1', 128],
  ],
  unspecified: [
    ['0.0.0.0', 8],
    ['::', 128],
  ],
  private: [
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['fc00::', 7],
    ['fec0::', 10],
  ],
  'link-local': [
    ['169.254.0.0', 16],
    ['fe80::', 10],
  ],
  'carrier-grade NAT': [['100.64.0.0', 10]],
  multicast: [
    ['224.0.0.0', 4],
    ['ff00::', 8],
  ],
  // Azure's answers on a public address; the other clouds' are link-local, private or reserved.
  metadata: [['168.63.129.16', 32]],
  'IPv4-mapped': [['::ffff:0:0', 96]],
  NAT64: [
    ['64:ff9b::', 96],
    ['64:ff9b:1::', 48],
  ],
  '6to4': [
    ['2002::', 16],
    ['192.88.99.0', 24],
  ],
  reserved: [
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['198.18.0.0', 15],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['240.0.0.0', 4],
    ['::', 96],
    ['100::', 64],
    ['2001::', 23],
    ['2001:db8::', 32],
    ['3fff::', 20],
  ],
}

/** IPv6 that is handed out at all. */
const GLOBAL_IPV6 = listOf([['2000::', 3]])

const RULES = Object.entries(RANGES).map(([name, ranges]) => ({ name, ranges: listOf(ranges) }))

/** What makes an address one that nothing may be sent to, or null if it is public. */
export function whyNotPublic(address: string): string | null {
  const rule = RULES.find(({ ranges }) => ranges.includes(address))
  if (rule !== undefined) return rule.name
  return isIP(address) === 4 || GLOBAL_IPV6.includes(address) ? null : 'reserved'
}

/** A set of address ranges. IPv4 and IPv6 apart: in one BlockList, an IPv6 rule for `::ffff:0:0/96` matches every IPv4 address. */
interface AddressRanges {
  includes(address: string): boolean
}

function listOf(ranges: readonly Range[]): AddressRanges {
  const lists = { 4: new BlockList(), 6: new BlockList() }
  for (const [network, prefix] of ranges) {
    if (isIP(network) === 4) lists[4].addSubnet(network, prefix, 'ipv4')
    else lists[6].addSubnet(network, prefix, 'ipv6')
  }
  return {
    includes(address) {
      const family = isIP(address)
      if (family === 4) return lists[4].check(address, 'ipv4')
      return family === 6 && lists[6].check(address, 'ipv6')
    },
  }
}

/** What an operator opened beyond public addresses. */
export interface EgressAllow extends AddressRanges {
  /** Plain http is allowed too, to these ranges only. */
  readonly http: boolean
}

export const NOTHING_ALLOWED: EgressAllow = { http: false, includes: () => false }

/**
 * The setting TRACT_EGRESS_ALLOW, such as `127.0.0.0/8,::1/128,http`: ranges and addresses, opened for any port. The word
 * `http` opens plain http to them.
 * @throws {TypeError} that goes on after the setting's name: "must be …"
 */
export function parseEgressAllow(text: string): EgressAllow {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  const ranges = entries.filter((entry) => entry !== 'http').map(parseRange)
  const http = entries.includes('http')
  if (http && ranges.length === 0) {
    throw new TypeError('must be a list with address ranges beside the word http, which opens plain http to them')
  }
  return { http, includes: listOf(ranges).includes }
}

function parseRange(entry: string): Range {
  const [network = '', prefix, ...rest] = entry.split('/')
  const family = isIP(network)
  const longest = family === 4 ? 32 : 128
  const length = prefix === undefined ? longest : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  // An IPv6 zone (`fe80::1%eth0`) passes isIP, and is no range.
  if (family === 0 || network.includes('%') || rest.length > 0 || !(length >= 0 && length <= longest)) {
    throw new TypeError(
      `must be a list of address ranges such as 10.0.0.0/8 and fd00::/8, and the word http; "${entry}" is neither`,
    )
  }
  return [network, length]
}
