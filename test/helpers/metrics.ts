/** Samples of a scrape. */
export interface Scrape {
  text: string
  /** Names of the metrics, as their types are told: of a histogram, without _bucket and the like. */
  names: Set<string>
  /** The sample of a name that has these labels; undefined when there is none. */
  value (name: string, labels?: Record<string, string>): number | undefined
}

/** Reads what Prometheus would: https://prometheus.io/docs/instrumenting/exposition_formats/ */
export function readScrape (text: string): Scrape {
  const samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, list = '', value]) => ({
    name, value: Number(value), labels: new Map([...list.matchAll(/(\w+)="((?:\\.|[^"\\])*)"/g)].map(([, label, content]) => [label, content]))
  }))
  return {
    text,
    names: new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name)),
    value: (name, labels = {}) => samples.find(sample => sample.name === name && Object.entries(labels).every(([label, content]) => sample.labels.get(label) === content))?.value
  }
}
