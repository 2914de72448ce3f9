/**
 * Signs what is sent to the webhook as Stripe would. It is served in the sandbox alone, whose secret anybody knows.
 * @param {{ url: string, body?: BlobPart, headers: Record<string, string> }} request of Swagger UI
 * @param {string} webhookPath
 * @param {string} secret
 */
async function signAsStripe (request, webhookPath, secret) {
  // Browsers keep `crypto.subtle` from pages that came over plain HTTP, but from this very machine.
  if (!new URL(request.url, location.href).pathname.endsWith(webhookPath) || crypto.subtle === undefined) return request
  const seconds = Math.floor(Date.now() / 1000)
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = await new Blob([`${seconds}.`, request.body ?? '']).arrayBuffer()
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed))
  const hex = Array.from(signature, byte => byte.toString(16).padStart(2, '0')).join('')
  request.headers['Stripe-Signature'] = `t=${seconds},v1=${hex}`
  return request
}

Object.assign(globalThis, { signAsStripe })
