/** Types of each audience's document; a type test compares them with the contract's. */
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript'
import { publish } from '../publish.js'
import { type GeneratedFile, header, type Source } from '../source.js'
import { AUDIENCES } from './published-documents.js'

export async function peerTypes({ document }: Pick<Source, 'document'>): Promise<GeneratedFile[]> {
  return Promise.all(
    AUDIENCES.map(async (audience) => {
      const published = structuredClone(publish(document, audience)) as unknown as OpenAPI3
      // A default in the schema is what the server assumes; the caller may leave the field out.
      const ast = await openapiTS(published, { defaultNonNullable: false, emptyObjectsUnknown: true, silent: true })
      return {
        path: `scripts/codegen/test/generated/${audience}.ts`,
        contents: `${header('targets/peer-types.ts')}\n${astToString(ast)}`,
      }
    }),
  )
}
