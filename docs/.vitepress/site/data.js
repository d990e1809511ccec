// The measurements: docs/data/*.json, one file for each recording. Everything that a page says of a
// speed comes from here; see docs/data/README.md for the form.
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../data/', import.meta.url))

/** "06" is 06-ring-buffer.json, "machine" is machine.json. */
export function recording(key) {
  const files = readdirSync(folder).filter((file) => new RegExp(`^${key}(-[^.]*)?\\.json$`).test(file))
  if (files.length !== 1) throw new Error(`no recording is called "${key}" in docs/data/`)
  return JSON.parse(readFileSync(folder + files[0], 'utf8'))
}

/** The measurement of `who` in "Transfer/1024" (name, then arguments, if there are any). */
export function measurement(key, benchmark, who) {
  const [name, ...rest] = benchmark.split('/')
  const found = recording(key).benchmarks.find(
    (b) => b.name === name && b.arguments === rest.join('/') && b.who === who
  )
  if (!found) throw new Error(`docs/data has no "${key} ${benchmark} ${who}"`)
  return found
}

const kUnits = { 'Mitems/s': 'million/s', 'ns/pair': 'ns', us: 'µs' }

/** Three significant digits at most, and no more than the size of the number deserves. */
export function plain(value) {
  if (value >= 1000) return Math.round(Number(value.toPrecision(3))).toLocaleString('en').replaceAll(',', ' ')
  return String(Number(value.toPrecision(value >= 100 ? 3 : 2)))
}

/** A ratio's or a time's own unit, as a page shows it. */
export function shown(measured, as) {
  if (as === undefined) return `${plain(measured.median)} ${kUnits[measured.unit] ?? measured.unit}`
  const [value, unit] = converted(measured.median, measured.unit, as)
  return `${plain(value)} ${kUnits[unit] ?? unit}`
}

const kNanoseconds = { ns: 1, 'ns/pair': 1, us: 1e3, 'µs': 1e3, ms: 1e6, s: 1e9 }

export function converted(value, unit, as) {
  if (as === undefined || as === unit) return [value, unit]
  const ns = unit === 'Mitems/s' ? 1e3 / value : value * kNanoseconds[unit]
  if (!(ns > 0) || !kNanoseconds[as]) throw new Error(`${unit} cannot be shown as ${as}`)
  return [ns / kNanoseconds[as], as]
}

/** How many times as fast `a` is as `b`. */
export function speedup(a, b) {
  if (a.unit !== b.unit) throw new Error(`${a.unit} and ${b.unit} have no ratio`)
  return a.higher_is_better ? a.median / b.median : b.median / a.median
}

export const bytes = (n) =>
  n >= 1 << 20 ? `${n / (1 << 20)} MiB` : n >= 1024 ? `${n / 1024} KiB` : `${n} bytes`

/** The number of a measurement or a ratio, as <Figure of="…"> has it, before it is rounded. */
export function value(of, as) {
  const [key, what, who] = of.split(/\s+/)
  const [first, second] = who.split('/')
  const a = measurement(key, what, first)
  return second === undefined ? converted(a.median, a.unit, as)[0] : speedup(a, measurement(key, what, second))
}

/**
 * The text for <Figure of="…">, and where it comes from. `of` is one of
 *   06 Transfer/1024 reference            a measurement, in its unit or in the one that `as` names
 *   06 Transfer/1024 reference/baseline   how many times as fast the first is as the second
 *   06 machine round_trip_ns | cpu | cores | compiler | L1 | L2 | L3
 *   06 recorded
 */
export function figure(of, as) {
  const [key, what, who] = of.split(/\s+/)
  const from = recording(key)
  if (what === 'recorded') return { text: from.recorded, source: 'docs/data' }
  if (what === 'machine') return { text: machine(from.machine, who), source: describe(from) }
  const [first, second] = who.split('/')
  const a = measurement(key, what, first)
  const source = `${what.replace('/', ' ')}: median of ${a.runs} runs, ${describe(from)}`
  if (second === undefined) return { text: shown(a, as), source }
  return { text: plain(speedup(a, measurement(key, what, second))), source }
}

function machine(facts, what) {
  const level = /^L(\d)$/.exec(what)
  if (level) {
    const cache = facts.caches.find((c) => c.level === Number(level[1]) && c.type !== 'Instruction')
    if (!cache) throw new Error(`the machine has no ${what}`)
    return bytes(cache.bytes)
  }
  if (facts[what] === undefined || facts[what] === null) throw new Error(`the machine has no "${what}"`)
  return what === 'round_trip_ns' ? `${plain(facts[what])} ns` : String(facts[what])
}

export function describe({ recorded, machine: { cpu, cores, compiler } }) {
  return `recorded on ${recorded}, ${cpu}, ${cores} cores, ${compiler}`
}
