// What the pages say in words of figures that they do not cite: it must hold in the data too.
import { expect, test } from 'vitest'
import { value } from '../../.vitepress/site/data.js'

// The sentence; its ratio, as <Figure of="…"> has it or of two such figures; the least and the most.
const kSaid = [
  ['02: the plain chain is faster than malloc', '02 Block/random plain-list/baseline', 1.2, Infinity],
  ['02: an array of addresses keeps up for small blocks', '02 Block/random address-stack/reference', 0.85, Infinity],
  ['02: an array of addresses is the fastest for large blocks', '02 Block/random-1024 address-stack/reference', 1.2, Infinity],
  ['02: with large blocks the plain chain waits for memory', '02 Block/random-1024 reference/plain-list', 2, Infinity],
  ['02: a lock around the pool makes it slower than malloc', '02 Threads/2 reference-locked/baseline', 0, 1],
  ['03: find_first_of is slower than byte by byte', '03 Parse/4194304 2-find-first-of/1-byte-by-byte', 0, 1],
  ['03: eight bytes in a word hardly help', '03 Parse/4194304 3-swar/1-byte-by-byte', 0, 1.5],
  ['04: from memory everything with vectors is equal', '04 Sum/67108864 one_accumulator/reference', 0.8, 1.2],
  ['04: two totals are twice as fast as one', ['machine Totals/2 floats', 'machine Totals/1 floats'], 1.7, 2.2],
  ['05: shared atomics nearly halve the speed', '05 Pair/1 shared_atomics/baseline', 0.45, 0.65],
  ['05: shards cost little more with a second thread', ['05 Pair/2 locked_shards', '05 Pair/1 locked_shards'], 0, 1.6],
  ['06: the plain ring is slower than the mutex', '06 Transfer/1024 rung_1_plain/baseline', 0, 1],
  ['06: a flag in each slot has the shortest round trip', '06 RoundTrip sequence_in_each_slot/reference', 1, Infinity],
  ['06: polling wants the pauses', '06 TryTransfer/1024 reference/rung_3_cached_indices', 2, Infinity],
  ['07: with fixed shares the second core does nearly everything', '07 Map/clustered fixed_shares/baseline', 0, 1.2],
  ['07: stealing keeps both cores at work', '07 Map/clustered reference/baseline', 1.7, Infinity],
  ['07: who sleeps at once must be woken', '07 Overlap reference/never_spins', 1.5, Infinity],
  ['07: leaves of one item are too small', '07 Tiny reference/leaves_of_one_item', 2, Infinity],
  ['machine: a line each, and both threads are as fast as one alone', ['machine Counters/64 two', 'machine Counters/8 alone'], 0.8, 1.2],
  ['machine: one line for both, and neither is', ['machine Counters/8 two', 'machine Counters/8 alone'], 0, 0.5],
  ['machine: in order is faster than at random', 'machine Chase/268435456 in_order/load', 4, Infinity]
]

test.each(kSaid)('%s', (_, of, least, most) => {
  const ratio = Array.isArray(of) ? value(of[0]) / value(of[1]) : value(of)
  expect(ratio).toBeGreaterThanOrEqual(least)
  expect(ratio).toBeLessThanOrEqual(most)
})
