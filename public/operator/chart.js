// @ts-check
import Plot from 'uplot'

/** @typedef {import('fastify-affitor-client').Schemas} Schemas */

const HEIGHT = 190

/**
 * Calls to Affitor over time as stacked bars: those that failed stand on those that were answered. Colours come from
 * the stylesheet, so that they follow light and dark.
 */
export class DeliveryChart {
  /** @type {Plot | undefined} */
  #plot
  /** @type {Element | undefined} */
  #element
  /** @type {Plot.AlignedData} */
  #data = [[], [], []]
  /** @type {(index: number | null) => void} */
  #onPoint
  #width = new ResizeObserver(([entry]) => this.#plot?.setSize({ width: entry?.contentRect.width ?? 0, height: HEIGHT }))

  /** @param {(index: number | null) => void} onPoint told which bucket is pointed at */
  constructor (onPoint) {
    this.#onPoint = onPoint
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#plot?.redraw())
  }

  /**
   * Draws into an element, and is taken away from the one before.
   * @param {Element | undefined} element
   */
  attach = element => {
    if (element === this.#element) return
    this.#width.disconnect()
    this.#plot?.destroy()
    this.#element = element
    this.#plot = undefined
    if (!(element instanceof HTMLElement)) return
    this.#plot = new Plot(this.#options(element), this.#data, element)
    this.#width.observe(element)
  }

  /** @param {Schemas['DeliveryBucket'][]} buckets */
  show (buckets) {
    this.#data = [
      buckets.map(({ at }) => Date.parse(at) / 1_000),
      buckets.map(({ answered, failed }) => answered + failed),
      buckets.map(({ answered }) => answered)
    ]
    this.#plot?.setData(this.#data)
  }

  /**
   * @param {HTMLElement} element
   * @returns {Plot.Options}
   */
  #options (element) {
    const colour = (/** @type {string} */ name) => () => getComputedStyle(element).getPropertyValue(name)
    const bars = Plot.paths.bars?.({ size: [0.8, 24], radius: 0.15 })
    const axis = { stroke: colour('--axis'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } }
    return {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { show: false }, y: false },
      scales: { y: { range: (_plot, _least, most) => [0, Math.max(4, most * 1.1)] } },
      axes: [
        { ...axis, grid: { show: false }, size: 30, space: 70, values: '{HH}:{mm}' },
        { ...axis, size: 44, space: 28, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 100_000, 1_000_000] }
      ],
      series: [
        {},
        { fill: colour('--failed'), width: 0, paths: bars, points: { show: false } },
        { fill: colour('--answered'), width: 0, paths: bars, points: { show: false } }
      ],
      hooks: { setCursor: [({ cursor }) => this.#onPoint(cursor.idx ?? null)] }
    }
  }
}
