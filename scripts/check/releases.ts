/** The contract's releases: what was released, and what a change since then asks of the version. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import semver from 'semver'
import { parse } from 'yaml'
import type { OpenApiDocument } from '../codegen/document.js'

export const releasesFolder = (root: string) => join(root, 'openapi', 'releases')

export interface Release {
  version: string
  document: OpenApiDocument
}

/** The release of the highest version; undefined before the first one. */
export function latestRelease(root: string): Release | undefined {
  const folder = releasesFolder(root)
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.yaml')) : []
  const [version] = semver.rsort(files.map((name) => name.slice(0, -'.yaml'.length)))
  if (version === undefined) return undefined
  return { version, document: parse(readFileSync(join(folder, `${version}.yaml`), 'utf8')) }
}

/**
 * May `next` break what `released` said? Semantic versioning promises nothing between pre-releases of one version, nor from
 * them to it (semver.org §9); `redocly diff --check-version` reads 1.0.0-alpha.1 as 1.0.0 and would want 2.0.0.
 */
export function isFreeToBreak(released: string, next: string): boolean {
  return semver.prerelease(released) !== null && semver.gt(next, released) && core(next) === core(released)
}

const core = (version: string) => semver.coerce(version)?.version
