/** Prisma's models are reached in `accounts/` alone: elsewhere no expression has a type of its client, imported or not. */
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const SERVER = join(ROOT, 'packages/server/src')
const OF_PRISMA = /\/generated\/prisma\/|\/node_modules\/(@prisma|prisma|\.prisma)\//
const MAY_REACH_IT = /^(accounts|generated)\//

/** Files that are not there: what each reaches, it reaches without importing Prisma. */
const REACHING = {
  'api/handlers/reaching-client.ts': `
    import type { recordsOf } from '../../accounts/reached.js'
    export const names = (given: { accounts: ReturnType<typeof recordsOf> }) => given.accounts.client.findMany()`,
  'deliver/reaching-row.ts': `
    import { rowsOf } from '../accounts/reached.js'
    export const first = async () => (await rowsOf())[0]`,
}
const REACHED = `
  import { openPrisma } from './prisma.js'
  export const recordsOf = () => openPrisma(null as never)
  export const rowsOf = () => recordsOf().hook.findMany()`

function programWith(added: Record<string, string>): ts.Program {
  const config = join(ROOT, 'packages/server/tsconfig.build.json')
  const { options, fileNames } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, ts.sys.readFile).config,
    ts.sys,
    join(ROOT, 'packages/server'),
  )
  const texts = new Map(Object.entries(added).map(([file, text]) => [join(SERVER, file), text]))
  const host = ts.createCompilerHost(options, true)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => texts.has(path) || fileExists(path)
  host.readFile = (path) => texts.get(path) ?? readFile(path)
  host.getSourceFile = (path, ...rest) => {
    const text = texts.get(path)
    return text === undefined ? getSourceFile(path, ...rest) : ts.createSourceFile(path, text, rest[0], true)
  }
  return ts.createProgram([...fileNames, ...texts.keys()], options, host)
}

const declaredInPrisma = (symbol: ts.Symbol | undefined): boolean =>
  symbol?.declarations?.some((each) => OF_PRISMA.test(each.getSourceFile().fileName)) ?? false

/** Each file and line, outside of accounts/, where an expression is of a type that Prisma declares. */
function reaches(program: ts.Program): string[] {
  const checker = program.getTypeChecker()
  const isOfPrisma = (type: ts.Type): boolean =>
    declaredInPrisma(type.aliasSymbol) ||
    declaredInPrisma(type.symbol) ||
    (type.isUnionOrIntersection() && type.types.some(isOfPrisma)) ||
    checker.getTypeArguments(type as ts.TypeReference).some(isOfPrisma)
  const found = new Set<string>()
  for (const source of program.getSourceFiles()) {
    const file = relative(SERVER, source.fileName)
    if (file.startsWith('..') || MAY_REACH_IT.test(file)) continue
    const visit = (node: ts.Node): void => {
      const isNamed = ts.isIdentifier(node) || ts.isPropertyAccessExpression(node) || ts.isCallExpression(node)
      if (isNamed && isOfPrisma(checker.getTypeAtLocation(node)))
        found.add(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`)
      ts.forEachChild(node, visit)
    }
    visit(source)
  }
  return [...found]
}

test('no file outside of accounts reaches a model of Prisma, not even through the type of a value', () => {
  const found = reaches(programWith({ ...REACHING, 'accounts/reached.ts': REACHED }))
  const files = [...new Set(found.map((place) => place.split(':')[0]))]
  expect(files.sort()).toEqual(Object.keys(REACHING).sort())
})
