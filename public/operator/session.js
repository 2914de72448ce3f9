// @ts-check

/** The operator's token lives as long as the browser's tab, and never stands in an address. */
const KEY = 'fastify-affitor.operator-token'

export const session = {
  token: () => sessionStorage.getItem(KEY) ?? undefined,
  /** @param {string} token */
  begin: token => sessionStorage.setItem(KEY, token),
  end: () => sessionStorage.removeItem(KEY)
}
