// @ts-check

/**
 * Does something at once and then again and again, as long as the page is visible.
 * @param {() => Promise<void>} task must not throw
 * @param {number} pauseMs between two turns
 */
export function poll (task, pauseMs) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  let running = false
  let wanted = false
  let stopped = false

  async function turn () {
    clearTimeout(timer)
    wanted = running
    if (running || stopped || document.hidden) return
    running = true
    await task()
    running = false
    if (wanted) void turn()
    else if (!stopped) timer = setTimeout(turn, pauseMs)
  }

  document.addEventListener('visibilitychange', turn)
  void turn()
  return {
    /** Does not wait for the pause to end. */
    now: turn,
    stop () {
      stopped = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', turn)
    }
  }
}
