// Code in a page is quoted from the tree, so that it compiles because the tree does:
//
//     ```quote solutions/06-ring-buffer/ring_buffer.hpp
//     void look(Side& mine
//     ```
//
// shows what begins with that line, through its closing brace. A second line, if there is one, is
// the beginning of the last line to be shown. A quotation that is not there, or is there twice,
// stops the build. (Region markers in the references would do too, but the corpora are patches of
// the references, and a marker beside a hunk makes the patch fail.)
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './exercises.js'

const indent = (line) => line.length - line.trimStart().length

export function quoted(file, block) {
  const [first, last] = block.split('\n').map((line) => line.trim()).filter(Boolean)
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  const starts = [...lines.keys()].filter((i) => lines[i].trim().startsWith(first))
  if (starts.length !== 1) throw new Error(`${file} has ${starts.length} lines that begin with "${first}"`)
  const [start] = starts
  let code = start
  while (lines[code].trim().startsWith('//')) ++code
  const margin = indent(lines[start])
  const isLast = last
    ? (line) => line.trim().startsWith(last)
    : (line) => indent(line) === margin && /^\s*\}/.test(line)
  const end = lines.findIndex((line, i) => i >= code && isLast(line))
  if (end < 0) throw new Error(`${file}: what begins with "${first}" does not end`)
  return lines.slice(start, end + 1).map((line) => line.slice(margin)).join('\n') + '\n'
}

export function quotations(md) {
  const fence = md.renderer.rules.fence
  md.renderer.rules.fence = (tokens, i, options, env, self) => {
    const [kind, file] = tokens[i].info.trim().split(/\s+/)
    if (kind !== 'quote') return fence(tokens, i, options, env, self)
    tokens[i].info = file.endsWith('.patch') ? 'diff' : 'cpp'
    tokens[i].content = quoted(file, tokens[i].content)
    return `<div class="quote"><p>${file}</p>${fence(tokens, i, options, env, self)}</div>`
  }
}
