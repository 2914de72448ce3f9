// @ts-check

/** Who works here, as this browser remembers it: it goes with what is done, and the story tells it. */
const KEY = 'fastify-affitor.operator-name'

export const operatorName = {
  read: () => localStorage.getItem(KEY) ?? '',
  /** @param {string} name */
  remember (name) {
    if (name === '') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, name)
  },
  /** As the API takes it. @returns {{ by?: string }} */
  asBody () {
    const by = operatorName.read()
    return by === '' ? {} : { by }
  }
}
