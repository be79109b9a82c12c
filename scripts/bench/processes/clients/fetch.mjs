import { headers, MESSAGE, PATH } from './call.mjs'
import { serve } from './serve.mjs'

serve(async ({ url }) => async () => {
  const response = await fetch(url + PATH, { method: 'POST', headers: headers(), body: JSON.stringify(MESSAGE) })
  return response.json()
})
