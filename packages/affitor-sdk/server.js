// @ts-check
/** @import * as Sdk from './server.js' */

const DEFAULT_API_URL = 'https://api.affitor.com'

export class AffitorApiError extends Error {
  /**
   * @param {number} status
   * @param {unknown} body
   */
  constructor (status, body) {
    super(errorText(body) ?? `HTTP ${status}`)
    this.name = 'AffitorApiError'
    this.status = status
    this.body = body
    const error = isRecord(body) && isRecord(body.error) ? body.error : {}
    this.code = filled(error.code)
    this.retryAfterSeconds = typeof error.retry_after_seconds === 'number' ? error.retry_after_seconds : undefined
  }
}

export class Affitor {
  /** @type {string} */
  #apiKey
  /** @type {string} */
  #apiUrl
  /** @type {typeof globalThis.fetch} */
  #fetch

  /** @param {Sdk.AffitorOptions} options */
  constructor (options) {
    const { apiKey, apiUrl = DEFAULT_API_URL, fetch = globalThis.fetch } = record('new Affitor', options)
    this.#apiKey = readApiKey(apiKey)
    this.#apiUrl = readApiUrl(apiUrl)
    if (typeof fetch !== 'function') {
      throw new TypeError('Affitor: fetch must be a function. Pass one as the option `fetch` where Node has no global fetch.')
    }
    this.#fetch = fetch
  }

  /** @param {Sdk.TrackLeadInput} input */
  trackLead (input) {
    const method = 'trackLead'
    const fields = record(method, input)
    /** @type {Promise<Sdk.AffitorResponse<Sdk.TrackLeadData>>} */
    const response = this.#post('/api/v1/track/lead', {
      ...customer(method, fields),
      email: text(method, 'email', fields.email),
      additional_data: additionalData(method, fields.additionalData, fields.eventName)
    })
    return response
  }

  /** @param {Sdk.TrackSaleInput} input */
  trackSale (input) {
    const method = 'trackSale'
    const fields = record(method, input)
    const isTest = isRecord(fields.additionalData) && fields.additionalData.test_mode === true
    const ids = customer(method, fields, isTest)
    /** @type {Promise<Sdk.AffitorResponse<Sdk.TrackSaleData>>} */
    const response = this.#post('/api/v1/track/sale', {
      transaction_id: isTest ? text(method, 'invoiceId', fields.invoiceId) : invoiceId(method, fields.invoiceId),
      ...ids,
      amount_cents: saleAmount(fields.amount, isTest),
      currency: text(method, 'currency', fields.currency),
      sale_type: text(method, 'saleType', fields.saleType),
      is_recurring: fields.isRecurring,
      subscription_id: text(method, 'subscriptionId', fields.subscriptionId),
      subscription_interval: text(method, 'subscriptionInterval', fields.subscriptionInterval),
      additional_data: additionalData(method, fields.additionalData, fields.eventName)
    })
    return response
  }

  /** @param {Sdk.TrackRefundInput} input */
  trackRefund (input) {
    const method = 'trackRefund'
    const fields = record(method, input)
    /** @type {Promise<Sdk.AffitorResponse<Sdk.TrackRefundData>>} */
    const response = this.#post('/api/v1/track/refund', {
      transaction_id: invoiceId(method, fields.invoiceId),
      refund_amount_cents: refundAmount(fields.refundAmountCents),
      refund_reason: text(method, 'refundReason', fields.refundReason),
      additional_data: additionalData(method, fields.additionalData, undefined)
    })
    return response
  }

  /** @param {Sdk.TrackClickInput} [input] */
  trackClick (input = {}) {
    const method = 'trackClick'
    const fields = record(method, input)
    /** @type {Promise<Sdk.AffitorResponse<Sdk.TrackClickData>>} */
    const response = this.#post('/api/v1/track/click', {
      affiliate_url: text(method, 'affiliateUrl', fields.affiliateUrl),
      page_url: text(method, 'pageUrl', fields.pageUrl),
      referrer_url: text(method, 'referrerUrl', fields.referrerUrl),
      existing_click_id: text(method, 'existingClickId', fields.existingClickId)
    }, { authenticated: false })
    return response
  }

  /** @param {Sdk.ReadinessOptions} [options] */
  async readiness (options = {}) {
    const { forceRecheck = false } = record('readiness', options)
    const response = await this.#fetch(`${this.#apiUrl}/api/v1/programs/me/readiness${forceRecheck ? '?force_recheck=true' : ''}`, {
      method: 'GET', headers: { accept: 'application/json', authorization: `Bearer ${this.#apiKey}` }
    })
    /** @type {Sdk.ReadinessData | null} */
    const data = parseJson(await response.text())
    // A page in place of the verdict is no success either.
    if (!response.ok || !isRecord(data)) throw new AffitorApiError(response.status, data)
    return data
  }

  /**
   * Not an async function: a body that JSON cannot carry (a cycle, a BigInt) is the caller's error
   * and has to be thrown, not returned as a rejected promise.
   * @param {string} path
   * @param {Record<string, unknown>} fields
   * @param {{ authenticated: boolean }} [options]
   * @returns {Promise<Sdk.AffitorResponse<any>>}
   */
  #post (path, fields, { authenticated } = { authenticated: true }) {
    const body = JSON.stringify(withoutBlanks(fields))
    /** @type {Record<string, string>} */
    const headers = { 'content-type': 'application/json', accept: 'application/json' }
    if (authenticated) headers.authorization = `Bearer ${this.#apiKey}`
    return send(this.#fetch, this.#apiUrl + path, { method: 'POST', headers, body })
  }
}

export default Affitor

/**
 * @param {typeof globalThis.fetch} fetch
 * @param {string} url
 * @param {RequestInit} init
 * @returns {Promise<Sdk.AffitorResponse<any>>}
 */
async function send (fetch, url, init) {
  let status
  let body
  try {
    const response = await fetch(url, init)
    status = response.status
    body = await response.text()
  } catch (error) {
    // Also when the headers had arrived and the body broke: without a whole answer, what Affitor
    // did is unknown, and the HTTP status alone would hide that.
    return { ok: false, status: 0, data: null, error: networkError(error) }
  }
  const data = parseJson(body)
  if (status >= 200 && status <= 299) return { ok: true, status, data }
  return { ok: false, status, data, error: errorText(data) ?? `HTTP ${status}` }
}

/** @param {string} body */
function parseJson (body) {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

/**
 * Reads the three documented shapes: `{ error: "text" }`, `{ error: "Conflict", message, statusCode }`
 * (there `error` is only the status's name) and `{ error: { code, message } }`.
 * @param {unknown} data
 * @returns {string | undefined}
 */
function errorText (data) {
  if (!isRecord(data)) return undefined
  const { error, message } = data
  if (isRecord(error)) return filled(error.message) ?? filled(error.code)
  if ('statusCode' in data) return filled(message) ?? filled(error)
  return filled(error) ?? filled(message)
}

/** @param {unknown} error */
function networkError (error) {
  if (!(error instanceof Error)) return `Network error: ${String(error)}`
  // fetch says only "fetch failed"; the reason (ECONNREFUSED, ENOTFOUND, ...) is in its cause.
  const cause = error.cause
  if (!(cause instanceof Error)) return error.message || error.name
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined
  return `${error.message}: ${cause.message || code || cause.name}`
}

/**
 * @param {string} method
 * @param {Sdk.TrackLeadInput | Sdk.TrackSaleInput} fields
 * @param {boolean} [mayBeAbsent] a test record belongs to no customer
 */
function customer (method, fields, mayBeAbsent = false) {
  const ids = {
    customer_key: text(method, 'customerExternalId', fields.customerExternalId),
    click_id: text(method, 'clickId', fields.clickId)
  }
  if (!mayBeAbsent && isBlank(ids.customer_key) && isBlank(ids.click_id)) {
    throw new TypeError(`${method}: customerExternalId or clickId is required`)
  }
  return ids
}

/**
 * @param {string} method
 * @param {unknown} value
 */
function invoiceId (method, value) {
  if (typeof value !== 'string' || isBlank(value)) {
    throw new TypeError(`${method}: invoiceId is required and must be a string, not ${shown(value)}`)
  }
  return value
}

/**
 * @param {unknown} value
 * @param {boolean} mayBeAbsent
 * @returns {number | undefined}
 */
function saleAmount (value, mayBeAbsent) {
  if (mayBeAbsent && (value === undefined || value === null)) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) {
    throw new TypeError(`trackSale: amount must be a positive integer in the smallest currency unit (cents), not ${shown(value)}`)
  }
  return value
}

/**
 * @param {unknown} value
 * @returns {number | undefined}
 */
function refundAmount (value) {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new TypeError(`trackRefund: refundAmountCents must be an integer of 0 or more, not ${shown(value)}`)
  }
  // The endpoint wants 1 or more, and the field left out for the whole sale.
  return value === 0 ? undefined : value
}

/**
 * @param {string} method
 * @param {unknown} data
 * @param {unknown} eventName
 * @returns {Record<string, unknown> | undefined}
 */
function additionalData (method, data, eventName) {
  const given = data === undefined || data === null ? {} : data
  if (!isRecord(given)) throw new TypeError(`${method}: additionalData must be an object, not ${shown(data)}`)
  const label = text(method, 'eventName', eventName)
  const merged = label === undefined ? given : { ...given, event_name: label }
  return Object.keys(merged).length > 0 ? merged : undefined
}

/**
 * A blank value is as good as none: it is left out of the request.
 * @param {string} method
 * @param {string} name
 * @param {unknown} value
 * @returns {string | undefined}
 */
function text (method, name, value) {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw new TypeError(`${method}: ${name} must be a string, not ${shown(value)}`)
  return isBlank(value) ? undefined : value
}

/** @param {unknown} value */
function readApiKey (value) {
  if (typeof value !== 'string' || isBlank(value)) {
    throw new TypeError('Affitor: apiKey is required. It is in the program settings of the Affitor dashboard.')
  }
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new TypeError('Affitor: apiKey has a space, a line break or another character that an HTTP header cannot carry')
  }
  return value
}

/** @param {unknown} value */
function readApiUrl (value) {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  if (typeof value !== 'string' || (url?.protocol !== 'http:' && url?.protocol !== 'https:')) {
    throw new TypeError(`Affitor: apiUrl must be an http or https address, not ${shown(value)}`)
  }
  return value.trim().replace(/\/+$/, '')
}

/**
 * @template {object} T
 * @param {string} method
 * @param {T} value
 * @returns {T}
 */
function record (method, value) {
  if (!isRecord(value)) throw new TypeError(`${method}: an object of fields is required, not ${shown(value)}`)
  return value
}

/** @param {Record<string, unknown>} fields */
function withoutBlanks (fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''))
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isRecord (value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @param {string | undefined} value */
function isBlank (value) {
  return value === undefined || value.trim() === ''
}

/**
 * @param {unknown} value
 * @returns {string | undefined}
 */
function filled (value) {
  return typeof value === 'string' && !isBlank(value) ? value : undefined
}

/** @param {unknown} value */
function shown (value) {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
