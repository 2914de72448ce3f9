// Readers of tracking bodies. Affitor checks its bodies by hand and answers texts of its own, so that
// a JSON schema's message would be no stand-in for them.

export type Body = Record<string, unknown>

/** Anything that is not an object has none of the fields. */
export function asBody (value: unknown): Body {
  return isRecord(value) ? value : {}
}

export function filledString (value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

export function stringOrNull (value: unknown): string | null {
  return filledString(value) ?? null
}

export function positiveInteger (value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
}

export function oneOf<T extends string> (allowed: readonly T[], value: unknown): T | undefined {
  return allowed.find((option) => option === value)
}

export function isAbsent (value: unknown): value is undefined | null {
  return value === undefined || value === null
}

export function additionalData (body: Body): Body {
  return asBody(body.additional_data)
}

/** https://docs.affitor.com/docs/api-reference/track-sale, "Test Mode" */
export function isTestMode (body: Body): boolean {
  return additionalData(body).test_mode === true
}

function isRecord (value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
