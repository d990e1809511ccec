// A ring between two threads, one small step at a time, and the lines that travel meanwhile.
export const kCapacity = 8

export function start({ remember = true, ordered = true } = {}) {
  return {
    remember, ordered,
    head: 0, tail: 0,                      // as published
    slots: Array(kCapacity).fill(null),
    producer: { at: 'look', item: 0, seen: 0 },   // seen: head at its last look
    consumer: { at: 'look', item: 0, seen: 0 },   // seen: tail at its last look
    // Which core has a line: 'P', 'C', or 'both' as readers.
    lines: { tail: 'P', head: 'C', slots: 'P' },
    journeys: 0, passed: 0, wrong: 0,
    says: 'The ring is empty. Step either thread.'
  }
}

function use(s, line, who, write) {
  const has = s.lines[line]
  const travels = write ? has !== who : has !== who && has !== 'both'
  if (travels) ++s.journeys
  s.lines[line] = write ? who : has === who ? who : 'both'
  return travels ? ` The line of ${line === 'slots' ? 'the slots' : line} travels.` : ''
}

/** Does one step of the producer. */
export function produce(s) {
  const p = s.producer
  const slot = p.item % kCapacity
  if (p.at === 'look') {
    const known = s.remember && p.item - p.seen < kCapacity
    if (known) {
      s.says = `Producer: head was ${p.seen} at the last look, so there is room. No look needed.`
    } else {
      const travels = use(s, 'head', 'P', false)
      p.seen = s.head
      if (p.item - p.seen >= kCapacity) {
        s.says = `Producer: tail − head is ${kCapacity}, the ring is full. Nothing happens.${travels}`
        return
      }
      s.says = `Producer: reads head (acquire): ${p.seen}. There is room.${travels}`
    }
    p.at = s.ordered ? 'write' : 'publish'
  } else if (p.at === 'write') {
    const travels = use(s, 'slots', 'P', true)
    s.slots[slot] = p.item
    s.says = `Producer: builds item ${p.item} in slot ${slot}.${travels}`
    if (s.ordered) {
      p.at = 'publish'
    } else {
      ++p.item
      p.at = 'look'
    }
  } else {
    const travels = use(s, 'tail', 'P', true)
    s.tail = p.item + 1
    s.says = `Producer: stores tail = ${s.tail} ${s.ordered ? '(release)' : '(relaxed): it became visible before the item'}.${travels}`
    if (s.ordered) {
      ++p.item
      p.at = 'look'
    } else {
      p.at = 'write'
    }
  }
}

/** Does one step of the consumer. */
export function consume(s) {
  const c = s.consumer
  const slot = c.item % kCapacity
  if (c.at === 'look') {
    if (s.remember && c.seen > c.item) {
      s.says = `Consumer: tail was ${c.seen} at the last look, so there is an item. No look needed.`
    } else {
      const travels = use(s, 'tail', 'C', false)
      c.seen = s.tail
      if (c.seen === c.item) {
        s.says = `Consumer: head equals tail, the ring is empty. Nothing happens.${travels}`
        return
      }
      s.says = `Consumer: reads tail (acquire): ${c.seen}. There is an item.${travels}`
    }
    c.at = 'read'
  } else if (c.at === 'read') {
    const travels = use(s, 'slots', 'C', true)
    if (s.slots[slot] === c.item) {
      ++s.passed
      s.says = `Consumer: takes item ${c.item} out of slot ${slot}.${travels}`
    } else {
      ++s.wrong
      s.says = `Consumer: reads slot ${slot}, and item ${c.item} is not there yet! Tail was visible before the item.${travels}`
    }
    s.slots[slot] = null
    c.at = 'publish'
  } else {
    const travels = use(s, 'head', 'C', true)
    s.head = ++c.item
    c.at = 'look'
    s.says = `Consumer: stores head = ${s.head} (release). Slot ${slot} may be used again.${travels}`
  }
}
