import type { FastifyRequest } from 'fastify'
import { CLICK_ID_MAX_LENGTH, isStorable } from '../../../schemas/common.js'

/** Set by Affitor's tracker script; it reaches us when the API shares the site's domain. */
const CLICK_COOKIE = 'affitor_click_id'

/** The click id of the body, else of the tracker's cookie; an empty one is none. */
export function clickIdOf (request: FastifyRequest, inBody: string | null | undefined): string | undefined {
  if (inBody) return inBody
  const cookie = request.cookies[CLICK_COOKIE]
  // A cookie is not the caller's to correct, so one that cannot be a click id counts as none.
  return cookie && cookie.length <= CLICK_ID_MAX_LENGTH && isStorable(cookie) ? cookie : undefined
}
