#!/usr/bin/env node
/**
 * Stands in for Prisma's native schema engine, which the CLI would download: it speaks the
 * engine's protocol (JSON-RPC over stdio) and runs the engine as WebAssembly from npm over the pg
 * adapter. The CLI finds it by PRISMA_SCHEMA_ENGINE_BINARY, which scripts/prisma/prisma.ts sets.
 *
 * If an engine exits before it answers, the CLI assumes that there was nothing to do and exits 0.
 * So nothing is loaded before the first request: an error after that is an answer.
 */
import { createInterface } from 'node:readline'

const options = readArguments(process.argv.slice(2))

if (options.version) process.stdout.write('schema-engine-wasm\n')
else if (options.command) await runCommand(options.command)
else serve()

function readArguments(args) {
  const found = { version: false, command: undefined, datasource: undefined, datamodels: [] }
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--version') found.version = true
    else if (args[i] === '--datasource') found.datasource = JSON.parse(args[++i])
    else if (args[i] === '--datamodels') found.datamodels.push(args[++i])
    else if (args[i] === 'cli') found.command = args[++i]
  }
  return found
}

/** `cli <command>` asks whether the database exists; exit code and lines on stderr answer. */
async function runCommand(command) {
  const log = (level, fields) =>
    process.stderr.write(
      `${JSON.stringify({ timestamp: new Date(), level, fields, target: 'schema_engine::logger' })}\n`,
    )
  log('INFO', { message: 'the CLI drops the first line' })
  try {
    const { commands, errorCode } = await import('./schema-engine-database.mjs')
    try {
      const run = commands[command]
      if (!run) throw new Error(`the stand-in for the schema engine does not know the command ${command}`)
      await run(options.datasource.url)
    } catch (error) {
      log('ERROR', { message: error.message || String(error.code), error_code: errorCode(error) })
      process.exitCode = 1
    }
  } catch (error) {
    log('ERROR', { message: String(error), error_code: 'P1001' })
    process.exitCode = 1
  }
}

/** Answers requests one after another until stdin closes. */
function serve() {
  const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const printed = new Map()
  let printId = 1e9
  // The engine asks the CLI to print, and waits until it has.
  const print = (content) =>
    new Promise((resolve) => {
      printed.set(++printId, resolve)
      send({ id: printId, method: 'print', params: { content } })
    })

  let opened
  const engine = () => {
    opened ??= import('./schema-engine-wasm.mjs').then((module) => module.openEngine(options))
    return opened
  }

  async function answer(id, method, params) {
    try {
      const { call } = await engine()
      send({ id, result: (await call(method, params, print)) ?? null })
    } catch (error) {
      const data = { is_panic: false, message: error.message ?? String(error), meta: error.meta ?? null }
      send({ id, error: { code: 4466, message: 'see data', data: { ...data, error_code: error.code ?? null } } })
    }
  }

  let last = Promise.resolve()
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      if (!line.trim()) return
      const message = JSON.parse(line)
      if (message.method) last = last.then(() => answer(message.id, message.method, message.params))
      else printed.get(message.id)?.()
    })
    .on('close', () => last.finally(() => process.exit()))
}
