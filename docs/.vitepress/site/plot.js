// A ```figure block, drawn by Observable Plot: bars for contenders, lines where an argument grows.
//
//     of: 06 Transfer/1024, 06 Transfer/65536     one panel for each
//     who: baseline, boost_spsc_queue, reference  in this order
//     names: baseline = a deque and a mutex; …    how a reader calls them
//     panels: 1024 slots, 65536 slots             the panels' titles; for lines the unit of x
//     kind: lines                                 x is the last argument; `of: 04 Sum`
//     absent: Transfer/65536 boost_spsc_queue     has no result there; the page says why
//     as: ns                                      another unit
//     kind: panels                                each panel has a scale of its own
//     title: Numbers passed in a second
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { bytes, converted, describe, measurement, plain, recording } from './data.js'

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])

export function options(block) {
  const lines = block.split('\n').filter((line) => line.trim() !== '')
  const read = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(':')
    if (colon < 0) throw new Error(`a figure has the line "${line}", which has no colon`)
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()]
  }))
  const checked = (o) => {
    if (o.kind === 'lines' || o.panels.length === (o.of.length > 1 ? o.of.length : 0)) return o
    throw new Error(`the figure "${o.title}" has ${o.of.length} benchmarks and ${o.panels.length} titles of panels; a title has no comma`)
  }
  const list = (text, by) => (text ?? '').split(by).map((item) => item.trim()).filter(Boolean)
  return checked({
    ...read,
    of: list(read.of, ',').map((of) => of.split(/\s+/)),
    who: list(read.who, ','),
    panels: list(read.panels, ','),
    absent: list(read.absent, ','),
    names: Object.fromEntries(list(read.names, ';').map((pair) => pair.split('=').map((side) => side.trim())))
  })
}

// The rows that a figure shows, each with its panel and the name of who it is about.
export function rows(o) {
  const nameOf = (who) => o.names[who] ?? who.replaceAll('_', ' ')
  return o.of.flatMap(([key, benchmark], panel) =>
    o.who.flatMap((who) => {
      if (o.absent.includes(`${benchmark} ${who}`)) return []
      const found = o.kind === 'lines'
        ? recording(key).benchmarks.filter((b) => b.name === benchmark && b.who === who)
        : [measurement(key, benchmark, who)]
      if (found.length === 0) throw new Error(`docs/data has no "${key} ${benchmark} ${who}"`)
      return found.map((b) => {
        const [value, unit] = converted(b.median, b.unit, o.as)
        const ends = [converted(b.q1, b.unit, o.as)[0], converted(b.q3, b.unit, o.as)[0]].sort((x, y) => x - y)
        return {
          who, name: nameOf(who), panel: o.panels[panel] ?? '', argument: Number(b.arguments), value, unit,
          low: ends[0], high: ends[1], runs: b.runs,
          better: b.unit === unit && b.higher_is_better ? 'more is better' : 'less is better'
        }
      })
    })
  )
}

const kUnits = { 'Mitems/s': 'million items/s', 'ns/pair': 'ns for each pair', us: 'µs' }
const unitText = (unit) => kUnits[unit] ?? unit

// The reference in the accent colour, the plain way in grey, the others between.
function color(who, index) {
  if (who === 'reference') return 'var(--cl-reference)'
  if (who === 'baseline') return 'var(--cl-baseline)'
  return `var(--cl-peer-${index % 4})`
}

function bars(o, data, width) {
  const panels = o.of.length > 1
  const highest = (d) => Math.max(...data.filter((e) => o.kind !== 'panels' || e.panel === d.panel).map((e) => e.high))
  const most = o.kind === 'panels' ? 1 : highest()
  const at = (what) => (d) => (o.kind === 'panels' ? d[what] / highest(d) : d[what])
  const marginLeft = Math.min(Math.max(...data.map((d) => d.name.length)) * 6.6 + 12, width / 2.4)
  return Plot.plot({
    document: parseHTML('<html></html>').document,
    width, marginLeft, marginRight: 46, marginTop: panels ? 22 : 4, marginBottom: 4,
    height: data.length * 25 + (panels ? o.of.length * 28 + 16 : 0) + 12,
    x: { domain: [0, most], axis: null },
    y: { label: null, domain: o.who.map((who) => data.find((d) => d.who === who).name), padding: 0.28 },
    fy: panels ? { label: null, domain: o.panels, axis: null, padding: 0.2 } : undefined,
    marks: [
      panels ? Plot.text(o.panels, { fy: (d) => d, text: (d) => d, frameAnchor: 'top-left', dx: 2, dy: -12, fontWeight: 600, className: 'panel-title' }) : null,
      Plot.barX(data, { x: at('value'), y: 'name', fy: panels ? 'panel' : undefined, fill: (d) => color(d.who, o.who.indexOf(d.who)) }),
      Plot.ruleY(data, { x1: at('low'), x2: at('high'), y: 'name', fy: panels ? 'panel' : undefined, stroke: 'var(--vp-c-text-1)', strokeWidth: 1.4 }),
      Plot.text(data, { x: at('high'), y: 'name', fy: panels ? 'panel' : undefined, text: (d) => plain(d.value), textAnchor: 'start', dx: 6, fill: 'var(--vp-c-text-1)' }),
      Plot.axisY({ tickSize: 0, fontSize: 12 })
    ].filter(Boolean)
  })
}

function curves(o, data, width) {
  const all = [...new Set(data.map((d) => d.argument))].sort((a, b) => a - b)
  return Plot.plot({
    document: parseHTML('<html></html>').document,
    width, height: Math.round(width < 500 ? 240 : 300), marginLeft: 44, marginRight: 14, marginBottom: 34, marginTop: 22,
    x: { type: 'log', base: 2, label: null, ticks: all, tickFormat: (n) => tick(o, n, all, width), grid: false },
    y: { label: null, grid: true, type: o.scale === 'log' ? 'log' : 'linear', zero: o.scale !== 'log', ticks: 5, tickFormat: (n) => plain(n) },
    marks: [
      Plot.line(data, { x: 'argument', y: 'value', z: 'who', stroke: (d) => color(d.who, o.who.indexOf(d.who)), strokeWidth: 2 }),
      Plot.dot(data, { x: 'argument', y: 'value', fill: (d) => color(d.who, o.who.indexOf(d.who)), r: 3 }),
      Plot.ruleX(data, { x: 'argument', y1: 'low', y2: 'high', stroke: (d) => color(d.who, o.who.indexOf(d.who)), strokeWidth: 1 })
    ]
  })
}

// On a narrow screen every third tick of many keeps its label.
function tick(o, n, all, width) {
  if (width < 500 && all.length > 7 && all.indexOf(n) % 3 !== 0) return ''
  return o.x === 'count' ? String(n) : bytes(n).replace(/ (bytes|([KM])iB)/, '$2')
}

// Vue refuses style elements in a template; the page's style sheet has what they say.
function svg(plot, label) {
  plot.querySelectorAll('style').forEach((style) => style.remove())
  plot.querySelectorAll('[aria-label]').forEach((part) => part.removeAttribute('aria-label'))
  plot.setAttribute('role', 'img')
  plot.setAttribute('aria-label', label)
  return plot.outerHTML.replace(/ class="plot-[0-9a-z]+"/, '')
}

export function plotted(block) {
  const o = options(block)
  const data = rows(o)
  const draw = o.kind === 'lines' ? curves : bars
  const unit = unitText(data[0].unit)
  const units = [...new Set(data.map((d) => unitText(d.unit)))]
  const note = [...(units.length === 1 ? units : []), data[0].better, ...(o.kind === 'panels' ? ['each panel has its own scale'] : [])].join(', ')
  const label = `${o.title}, in ${note}. ` + (o.kind === 'lines' ? 'The table has the values.' :
    data.map((d) => `${d.panel ? `${d.panel}, ` : ''}${d.name}: ${plain(d.value)}`).join('; '))
  const legend = o.kind !== 'lines' ? '' : `<ul class="legend">${o.who.map((who, i) =>
    `<li><span style="background:${color(who, i)}"></span>${escape(data.find((d) => d.who === who).name)}</li>`).join('')}</ul>`
  const sources = [...new Set(o.of.map(([key]) => describe(recording(key))))]
  const runs = [...new Set(data.map((d) => d.runs))]
  return `<figure class="plot" v-pre>
<figcaption><b>${escape(o.title)}</b> <span>${escape(note)}</span></figcaption>
${legend}<div class="wide">${svg(draw(o, data, 660), label)}</div><div class="narrow">${svg(draw(o, data, 320), label)}</div>
<details><summary>As a table</summary>${table(o, data, unit)}<p>Medians of ${runs.join(' or ')} runs${runs[0] > 1 ? ', with the quartiles that the thin lines show' : ''}; ${escape(sources.join('; '))}.</p></details>
</figure>\n`
}

function table(o, data, unit) {
  const first = o.kind === 'lines' ? (o.x === 'count' ? 'n' : 'Size') : o.panels.length > 0 ? 'Case' : ''
  const head = [...(first ? [first] : []), 'Who', o.kind === 'panels' ? 'Median' : `Median, ${unit}`, 'Quartiles']
  const body = data.map((d) => [
    ...(first ? [o.kind === 'lines' ? (o.x === 'count' ? d.argument : bytes(d.argument)) : d.panel] : []),
    d.name, plain(d.value), `${plain(d.low)} to ${plain(d.high)}`
  ])
  return `<table><thead><tr>${head.map((h) => `<th scope="col">${escape(h)}</th>`).join('')}</tr></thead><tbody>` +
    body.map((r) => `<tr>${r.map((c) => `<td>${escape(c)}</td>`).join('')}</tr>`).join('') + '</tbody></table>'
}
