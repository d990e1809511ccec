// Measurements in Markdown: <Figure of="…" /> in a sentence, and ```figure blocks, which become
// plots. Both are done when the page is built, so a reader's browser loads text and SVG and no
// library; and a figure that is not in the data stops the build.
import { figure } from './data.js'
import { plotted } from './plot.js'

const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])

export function attributes(tag) {
  return Object.fromEntries([...tag.matchAll(/([a-z]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]))
}

export function inlineFigure(tag) {
  const { of, as } = attributes(tag)
  const { text, source } = figure(of, as)
  return `<span class="measured" title="${escape(source)}" v-pre>${escape(text)}</span>`
}

export function figures(md) {
  // Before Markdown is parsed, so that a tag at the start of a line begins no block.
  md.core.ruler.before('normalize', 'measured', (state) => {
    state.src = state.src.replace(/<Figure [^>]*\/>/g, inlineFigure)
  })
  // Vue drops a line break between two elements, and with it the space between two words.
  md.renderer.rules.softbreak = () => ' '
  const fence = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, i, options, env, self) =>
    tokens[i].info.trim() === 'figure' ? plotted(tokens[i].content) : fence(tokens, i, options, env, self)
}
