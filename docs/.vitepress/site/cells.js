// A ```cells block: rows of small boxes, for bytes, slots and lanes.
//
//     caption: Two threads, one line
//     core 0 | sent! received . . . . . .
//
// A cell is a word: "." is empty, "word!" stands out, "word~" is dimmed, "word*3" is three wide,
// "_" in a word is a space.
const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c])

export function cells(md) {
  const fence = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, i, options, env, self) =>
    tokens[i].info.trim() === 'cells' ? drawn(tokens[i].content) : fence(tokens, i, options, env, self)
}

function cell(word) {
  const wide = /\*(\d+)$/.exec(word)
  const text = word.replace(/\*\d+$/, '')
  const kind = /^\.~?$/.test(text) ? 'empty' : text.endsWith('!') ? 'strong' : text.endsWith('~') ? 'dim' : 'plain'
  const shown = kind === 'empty' ? '' : text.replace(/[!~]$/, '').replaceAll('_', ' ')
  return `<span class="${kind}"${wide ? ` style="flex:${wide[1]} 1 ${2 * (wide[1] - 1)}px"` : ''}>${escape(shown)}</span>`
}

export function drawn(block) {
  const lines = block.split('\n').filter((line) => line.trim())
  const caption = /^caption:\s*(.*)$/.exec(lines[0])?.[1]
  if (!caption) throw new Error(`a cells block begins with "${lines[0]}" and not with its caption`)
  const rows = lines.slice(1).map((line) => line.split('|').map((side) => side.trim()))
  const spoken = rows.map(([label, words]) => `${label}: ${words.replaceAll(/[!~]|\*\d+/g, '').replaceAll('_', ' ').replaceAll(' . ', ' empty ')}`).join('. ')
  return `<figure class="cells" v-pre><div role="img" aria-label="${escape(`${caption}. ${spoken}`)}">` +
    rows.map(([label, words]) => `<div class="row"><b>${escape(label)}</b><div>${words.split(/\s+/).map(cell).join('')}</div></div>`).join('') +
    `</div><figcaption>${escape(caption)}</figcaption></figure>\n`
}
