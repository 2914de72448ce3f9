import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify'

export const TRACKER_PATH = '/js/affitor-tracker.js'

/**
 * The script that a storefront includes:
 * `<script src="{API}/js/affitor-tracker.js" data-affitor-program-id="42" defer></script>`.
 * It does what https://docs.affitor.com/docs/api-reference/sdks says of Affitor's own; its methods never
 * reject, because a page must work without its tracker. It is text, and not a function turned into
 * text, because loaders and compilers rewrite functions.
 */
export const TRACKER_SCRIPT = String.raw`(function () {
  'use strict'
  var script = document.currentScript || document.querySelector('script[data-affitor-program-id]')
  if (!script || window.affitor) return

  var COOKIE = 'affitor_click_id'
  var LEGACY_COOKIE = 'customer_code'
  var DEFAULT_DAYS = 60
  var api = new URL(script.src, window.location.href).origin
  var programId = script.getAttribute('data-affitor-program-id')
  if (/^\d+$/.test(programId)) programId = Number(programId)

  var clickId = null
  var affiliateUrl = null
  var hasAttribution = false

  function readCookie (name) {
    var found = document.cookie.split('; ').find(function (pair) { return pair.indexOf(name + '=') === 0 })
    if (!found) return null
    try {
      return decodeURIComponent(found.slice(name.length + 1)) || null
    } catch (error) {
      return null
    }
  }

  function writeCookie (name, value, maxAgeSeconds) {
    var secure = window.location.protocol === 'https:' ? '; secure' : ''
    document.cookie = name + '=' + encodeURIComponent(value) + '; path=/; max-age=' + maxAgeSeconds + '; samesite=lax' + secure
  }

  function remember (value, days) {
    clickId = value
    writeCookie(COOKIE, value, Math.round(days * 86400))
  }

  function migrateLegacyCookie () {
    var legacy = readCookie(LEGACY_COOKIE)
    if (!legacy) return
    if (!readCookie(COOKIE)) remember(legacy, DEFAULT_DAYS)
    writeCookie(LEGACY_COOKIE, '', 0)
  }

  function post (endpoint, body) {
    return fetch(api + '/api/v1/track/' + endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
      keepalive: true
    }).then(function (response) {
      return response.json().then(function (answer) {
        if (!response.ok) throw new Error((answer.error && answer.error.message) || 'HTTP ' + response.status)
        return answer
      })
    })
  }

  function report (error) {
    console.error('[Affitor] ' + (error && error.message ? error.message : error))
  }

  function getClickId () {
    return clickId || readCookie(COOKIE)
  }

  function trackClick () {
    affiliateUrl = window.location.href
    return post('click', {
      affiliate_url: affiliateUrl,
      page_url: window.location.origin + window.location.pathname,
      page_title: document.title,
      referrer_url: document.referrer,
      user_agent: navigator.userAgent,
      language: navigator.language,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      screen_resolution: window.screen ? window.screen.width + 'x' + window.screen.height : undefined,
      viewport_size: window.innerWidth + 'x' + window.innerHeight,
      existing_click_id: getClickId() || undefined
    }).then(function (answer) {
      if (!answer.success || !answer.click_id) return
      hasAttribution = true
      remember(answer.click_id, answer.cookie_window_days || DEFAULT_DAYS)
    }).catch(report)
  }

  migrateLegacyCookie()
  var pending = new URLSearchParams(window.location.search).get('aff') ? trackClick() : Promise.resolve()

  window.affitor = {
    getClickId: getClickId,
    getData: function () {
      return { clickId: getClickId(), programId: programId, hasAttribution: hasAttribution, affiliateUrl: affiliateUrl }
    },
    signup: function (customerKey, email) {
      if (!customerKey) {
        report('signup needs a customer key')
        return Promise.resolve()
      }
      // A visitor may sign up while the click is still on its way.
      return pending.then(function () {
        return post('lead', {
          click_id: getClickId() || undefined,
          customer_key: String(customerKey),
          email: email || undefined,
          page_url: window.location.origin + window.location.pathname,
          additional_data: { program_id: programId }
        })
      }).then(function () {}).catch(report)
    }
  }
})()
`

export function trackerRoute (app: FastifyInstance, onRequest: onRequestAsyncHookHandler): void {
  app.get(TRACKER_PATH, { onRequest }, async (_request, reply) => await reply
    .type('text/javascript; charset=utf-8')
    .header('cache-control', 'no-cache')
    // A page that isolates itself (COEP) loads only scripts that allow it.
    .header('cross-origin-resource-policy', 'cross-origin')
    .send(TRACKER_SCRIPT))
}
