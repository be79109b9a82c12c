/** The schema engine as WebAssembly from npm, on the pg adapter, by the protocol's names. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'
import { adapterFactory } from './schema-engine-adapter.mjs'
import { createDatabase } from './schema-engine-database.mjs'

/** `{ datasource, datamodels }` → `{ call(method, params, print) }`. */
export async function openEngine({ datasource, datamodels }) {
  const script = fileURLToPath(import.meta.resolve('@prisma/schema-engine-wasm/schema_engine_bg'))
  const module = await readFile(script.replace(/\.js$/, '.wasm'))
  const { instance } = await WebAssembly.instantiate(module, { './schema_engine_bg.js': bindings })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()

  const factory = adapterFactory(datasource)
  const schemas = await Promise.all(datamodels.map(async (path) => [path, await readFile(path, 'utf8')]))
  const constructed = { datamodels: schemas.length > 0 ? schemas : undefined }
  let opened
  // Opening it connects to the database, so not before a method needs it.
  const engine = () => {
    opened ??= bindings.SchemaEngine.new(constructed, () => {}, factory)
    return opened
  }

  async function call(method, params, print) {
    if (method === 'createDatabase') return createDatabase(params?.datasource?.url ?? datasource.url)
    const open = await engine()
    if (method === 'getDatabaseVersion') return open.version(params)
    if (method === 'diff') {
      const { exitCode, stdout } = await open.diff(params)
      if (stdout) await print(stdout.replace(/\n$/, ''))
      return { exitCode, stdout: null }
    }
    if (typeof open[method] !== 'function') throw new Error(`the schema engine has no method ${method}`)
    return (await open[method](params)) ?? {}
  }

  return {
    call: async (method, params, print) => {
      try {
        return await call(method, params, print)
      } catch (error) {
        throw original(error, factory.errorRegistry)
      }
    },
  }
}

/** The engine gives an adapter's error as a number of the registry; the adapter has the error. */
function original(error, registry) {
  const id = /Error code: (\d+)/.exec(error.message)?.[1]
  const cause = id === undefined ? undefined : registry.consumeError(Number(id))?.error
  if (!cause) return error
  const message = cause.cause?.originalMessage ?? cause.message ?? String(cause)
  return Object.assign(new Error(message), { code: error.code, meta: error.meta })
}
