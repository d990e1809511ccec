// The rules of layout, as exercise 1's reference has them, for records of scalars and arrays. A
// test compares the two on random records.
import targets from '../../../data/targets.json'

export { targets }

const roundUp = (value, align) => Math.ceil(value / align) * align

/** `fields`: [{ name, type, count, align, writer }]; count and align (alignas, 0 for none) are numbers. */
export function place(fields, target, recordAlign = 0) {
  let end = 0
  let align = Math.max(recordAlign, 1)
  const placed = fields.map((field) => {
    const scalar = target.scalars[field.type]
    if (!scalar) throw new Error(`${target.name} has no ${field.type}`)
    const own = Math.max(scalar.align, field.align ?? 0)
    const offset = roundUp(end, own)
    const size = scalar.size * field.count
    const padding = offset - end
    end = offset + size
    align = Math.max(align, own)
    return { ...field, offset, size, ownAlign: own, padding }
  })
  const size = roundUp(end, align)
  return { fields: placed, size, align, tailPadding: size - end, lines: Math.ceil(size / target.cache_line) }
}

export const paddingOf = (layout) => layout.fields.reduce((sum, field) => sum + field.padding, layout.tailPadding)

/** The smallest order, and how it was found: "already", "sort" or "search". */
export function reorder(fields, target, recordAlign = 0) {
  const layout = place(fields, target, recordAlign)
  const bytes = layout.fields.reduce((sum, field) => sum + field.size, 0)
  const least = roundUp(bytes, layout.align)
  if (layout.size === least) return { fields, how: 'already' }

  // A stable sort by alignment, the largest first.
  const sorted = layout.fields.map((field, i) => [field.ownAlign, i])
    .sort(([a, i], [b, j]) => b - a || i - j).map(([, i]) => fields[i])
  const sortedSize = place(sorted, target, recordAlign).size
  if (sortedSize === least) return { fields: sorted, how: 'sort' }

  const order = fields.length <= 12 ? search(layout.fields) : undefined
  const found = order?.map((i) => fields[i])
  const best = Math.min(layout.size, sortedSize)
  if (found && place(found, target, recordAlign).size < best) return { fields: found, how: 'search' }
  return sortedSize < layout.size ? { fields: sorted, how: 'sort' } : { fields, how: 'already' }
}

// For each set of fields the earliest place where it can end; of fields that are alike the first
// comes first.
function search(placed) {
  const alike = (a, b) => a.size === b.size && a.ownAlign === b.ownAlign
  const all = (1 << placed.length) - 1
  const ends = new Array(all + 1).fill(Infinity)
  const last = new Array(all + 1).fill(-1)
  ends[0] = 0
  for (let set = 0; set < all; ++set) {
    if (ends[set] === Infinity) continue
    for (let i = 0; i < placed.length; ++i) {
      if (set & (1 << i)) continue
      if (placed.some((other, j) => j < i && !(set & (1 << j)) && alike(other, placed[i]))) continue
      const end = roundUp(ends[set], placed[i].ownAlign) + placed[i].size
      const larger = set | (1 << i)
      if (end < ends[larger]) {
        ends[larger] = end
        last[larger] = i
      }
    }
  }
  const order = []
  for (let set = all; set !== 0; set &= ~(1 << last[set])) order.unshift(last[set])
  return order
}

/** Pairs of fields that different threads write and that share a line at some start of the record. */
export function falseSharing(layout, line) {
  const pairs = []
  layout.fields.forEach((x, i) => layout.fields.slice(i + 1).forEach((y) => {
    if (x.writer == null || y.writer == null || x.writer === y.writer) return
    const lastOfX = x.offset + x.size - 1
    if (lastOfX % Math.min(layout.align, line) + (y.offset - lastOfX) < line) pairs.push([x.name, y.name])
  }))
  return pairs
}
