import ky from 'ky'
import { headers, MESSAGE, PATH } from './call.mjs'
import { serve } from './serve.mjs'

serve(
  async ({ url }) =>
    () =>
      ky.post(url + PATH, { json: MESSAGE, headers: headers() }).json(),
)
