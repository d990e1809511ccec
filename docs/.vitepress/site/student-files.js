// What the student's own files need to be pages. The hints are folded: each numbered item can be
// opened by itself. And what looks like HTML is C++, as in std::vector<T>.
import { exercises } from './exercises.js'

// The file as it is in the tree; the search's index knows only `path`.
const fileOf = ({ env }) => env.realPath ?? env.path ?? ''
const of = (file) => (state) => new RegExp(`exercises/[^/]+/${file}$`).test(fileOf(state))
const isHints = of('hints\\.md')
const isExercise = of('(README|hints)\\.md')

export function studentFiles(md) {
  md.core.ruler.before('normalize', 'no_comments', (state) => {
    if (isExercise(state)) state.src = state.src.replace(/<!--[\s\S]*?-->\n?/g, '')
  })

  md.core.ruler.before('normalize', 'title_of_hints', (state) => {
    if (!isHints(state) || /^# /m.test(state.src)) return
    const { title } = exercises().find(({ name }) => fileOf(state).includes(`/${name}/`))
    state.src = `# Hints: ${title.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())}\n\n${state.src}`
  })

  md.core.ruler.push('no_html', (state) => {
    if (!isExercise(state)) return
    for (const block of state.tokens)
      for (const token of block.children ?? [block])
        if (token.type === 'html_inline' || token.type === 'html_block') token.type = 'text'
  })

  md.core.ruler.push('fold_hints', (state) => {
    if (!isHints(state)) return
    let number = 0
    for (const token of state.tokens) {
      if (token.type === 'ordered_list_open') number = 0
      if (token.type.startsWith('ordered_list_')) token.tag = 'div'
      if (token.type.startsWith('list_item_') && token.level === 1) token.tag = 'details'
      if (token.type === 'list_item_open' && token.level === 1) {
        token.attrSet('class', 'details hint')
        token.meta = { number: ++number }
      }
    }
  })
  md.renderer.rules.list_item_open = (tokens, i, options, env, self) => {
    const number = tokens[i].meta?.number
    return self.renderToken(tokens, i, options) + (number ? `<summary>Hint ${number}</summary>` : '')
  }
}
