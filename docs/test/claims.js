// The exercises' READMEs are read as plain files, so their figures are typed; a comment at the end
// says where each is from:
//
//     <!-- Where the figures are from; a test compares them with docs/data.
//     23 ns: 02 Block/random baseline, ns
//     15 | 17 |: 05 Pair/1 baseline; 05 Pair/2 baseline
//     -->
import { value } from '../.vitepress/site/data.js'

const kComment = /<!-- Where the figures are from[^\n]*\n([\s\S]*?)-->/

export function claims(text) {
  const lines = kComment.exec(text)?.[1].split('\n').filter(Boolean) ?? []
  return lines.map((line) => {
    const [, said, from] = /^(.*?): (.*)$/.exec(line)
    const sources = from.split('; ').map((source) => source.split(', '))
    return { said, numbers: said.match(/\d[\d.]*/g), sources }
  })
}

export const withoutClaims = (text) => text.replace(kComment, '')

// As many digits as were typed; but where there are more than two, another recording may differ in
// the third.
function agrees(measured, typed) {
  const digits = typed.replace('.', '').replace(/^0+/, '').length
  return Number(measured.toPrecision(digits)) === Number(typed) || (digits > 2 && Math.abs(measured / typed - 1) < 0.05)
}

/** What is wrong with a claim, or nothing. */
export function fault({ said, numbers, sources }, text) {
  if (!withoutClaims(text).replace(/\s+/g, ' ').includes(said)) return `the text does not say "${said}"`
  if (numbers.length !== sources.length) return `"${said}" has ${numbers.length} numbers and ${sources.length} sources`
  for (const [i, [of, as]] of sources.entries()) {
    const measured = value(of, as)
    if (!agrees(Number(measured), numbers[i])) return `"${said}": docs/data has ${Number(measured).toPrecision(3)} for ${of}`
  }
}
