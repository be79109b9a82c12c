import { schemas } from '../generated/schemas.js'
import type { DevicePlatform, HslElement, Issue, Warning } from '../generated/types.js'
import { type ReadJson, readJson, toJson } from '../json/exact-json.js'
import { text } from './builders.js'
import { channelWarnings } from './channel-limits.js'
import { createElementValidator } from './element-validator.js'
import { isKnownType } from './known-types.js'
import { findUnstorable, MAX_ISSUES, problemOfString } from './storable.js'

/** The most bytes of UTF-8 that a `message_body` may have, as it was sent. */
export const MAX_MESSAGE_BYTES = 65_536

/** Either the element, with what was accepted all the same, or what is wrong. */
export type ParsedMessageBody = { element: HslElement; warnings: Warning[] } | { error: Issue[] }

const PATH = '/message_body'
const validateElement = createElementValidator(schemas)

/**
 * Reads a `message_body`. An object, or a string of JSON with a `type`, has to be a valid element;
 * any other string is text. Without a platform the limits of all channels give warnings.
 */
export function parseMessageBody(messageBody: string | object, devicePlatform?: DevicePlatform): ParsedMessageBody {
  const isText = typeof messageBody === 'string'
  const content = isText ? messageBody : toJson(messageBody)
  const tooLong = problemOfSize(content)
  if (tooLong) return failed(PATH, tooLong)
  const element = isText ? parseElement(content) : readJson(content)
  return element ? checkElement(element, devicePlatform) : asText(content)
}

/** Reads what a user sent: a string is always text, or users could forge elements. */
export function parseUserMessageBody(messageBody: string | object, devicePlatform?: DevicePlatform): ParsedMessageBody {
  if (typeof messageBody !== 'string') return parseMessageBody(messageBody, devicePlatform)
  const tooLong = problemOfSize(messageBody)
  return tooLong ? failed(PATH, tooLong) : asText(messageBody)
}

function asText(words: string): ParsedMessageBody {
  const problem = problemOfString(words)
  return problem ? failed(PATH, problem) : { element: text(words), warnings: [] }
}

/** Known fields are checked as doubles; what is passed on keeps its digits. */
function checkElement(json: ReadJson, devicePlatform?: DevicePlatform): ParsedMessageBody {
  const issues = findUnstorable(json.exact, PATH)
  if (issues.length > 0) return { error: issues }
  const rounded = json.rounded as Record<string, unknown>
  const { type } = rounded
  if (typeof type !== 'string' || type === '')
    return failed(`${PATH}/type`, type === undefined ? 'is required' : 'must be a string that is not empty')
  // From here on the value is an HslElement: a known type was checked, any other is HslUnknown.
  const element = json.exact as HslElement
  const warnings: Warning[] = []
  if (isKnownType(type)) {
    const broken = validateElement(rounded, type, PATH)
    if (broken.length > 0) return { error: broken.slice(0, MAX_ISSUES) }
    warnings.push(...channelWarnings(rounded as HslElement, devicePlatform, PATH))
  } else warnings.unshift({ path: `${PATH}/type`, message: 'unknown type passed on whole' })
  return { element, warnings: warnings.slice(0, MAX_ISSUES) }
}

function problemOfSize(content: string): string | undefined {
  const bytes = utf8Length(content)
  return bytes > MAX_MESSAGE_BYTES
    ? `must have at most ${MAX_MESSAGE_BYTES} bytes of UTF-8, this one has ${bytes}`
    : undefined
}

function failed(path: string, message: string): ParsedMessageBody {
  return { error: [{ path, message }] }
}

function utf8Length(content: string): number {
  return new TextEncoder().encode(content).length
}

/** The JSON object with a string `type` that a string holds. Only an object starts with a brace. */
function parseElement(content: string): ReadJson | undefined {
  // Most messages are text, and a failing JSON.parse costs more than all the rest.
  if (!/^\s*\{/.test(content)) return undefined
  try {
    const json = readJson(content)
    return typeof (json.rounded as { type?: unknown }).type === 'string' ? json : undefined
  } catch {
    return undefined
  }
}
