// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, test } from 'vitest'
import FalseSharing from '../../.vitepress/theme/widgets/FalseSharing.vue'
import LayoutExplorer from '../../.vitepress/theme/widgets/LayoutExplorer.vue'
import RingStepper from '../../.vitepress/theme/widgets/RingStepper.vue'
import SimdLanes from '../../.vitepress/theme/widgets/SimdLanes.vue'
import SizeClassPool from '../../.vitepress/theme/widgets/SizeClassPool.vue'
import { allocateMany, freeSome, kSpacings, start as startPool, totals } from '../../.vitepress/theme/widgets/pool.js'
import { consume, produce, start as startRing } from '../../.vitepress/theme/widgets/ring.js'
import { increment, start as startSharing } from '../../.vitepress/theme/widgets/sharing.js'
import { rate, schedule } from '../../.vitepress/theme/widgets/simd.js'

const text = (widget, name) => widget.get(`[data-test=${name}]`).text()
const press = (widget, name) => widget.get(`[data-test=${name}]`).trigger('click')

describe('the ring', () => {
  const pushes = (s, n) => { for (let i = 0; i < n; ++i) do produce(s); while (s.producer.at !== 'look') }
  const pops = (s, n) => { for (let i = 0; i < n; ++i) do consume(s); while (s.consumer.at !== 'look') }

  test('passes every item once, whatever the order of steps', () => {
    const s = startRing()
    for (let i = 0; i < 1000; ++i) (i * 7919) % 13 < 7 ? produce(s) : consume(s)
    expect(s.wrong).toBe(0)
    expect(s.passed).toBeGreaterThan(50)
    expect(s.tail - s.head).toBeGreaterThanOrEqual(0)
    expect(s.tail - s.head).toBeLessThanOrEqual(8)
  })

  test('holds eight items, and refuses the ninth', () => {
    const s = startRing()
    pushes(s, 8)
    produce(s)
    expect(s.tail).toBe(8)
    expect(s.says).toContain('full')
  })

  test('moves fewer lines when each side remembers', () => {
    const journeys = (remember) => {
      const s = startRing({ remember })
      for (let lap = 0; lap < 5; ++lap) { pushes(s, 6); pops(s, 6) }
      return s.journeys
    }
    expect(journeys(true)).toBeLessThan(journeys(false))
  })

  test('shows an item that is not there yet when tail is stored relaxed', () => {
    const s = startRing({ ordered: false })
    produce(s); produce(s) // the look, and tail
    consume(s); consume(s)
    expect(s.wrong).toBe(1)
  })

  test('can be stepped', async () => {
    const w = mount(RingStepper)
    await press(w, 'produce'); await press(w, 'produce')
    expect(text(w, 'status')).toContain('builds item 0 in slot 0')
    await press(w, 'rounds')
    expect(text(w, 'counts')).toMatch(/[78] items passed/)
    await w.findAll('input[type=checkbox]')[0].setValue(false)
    expect(text(w, 'counts')).toContain('0 items passed')
  })
})

describe('false sharing', () => {
  test('each increment on a common line is a journey, on lines apart only the first', () => {
    for (const [distance, journeys] of [[8, 20], [64, 2]]) {
      const s = startSharing(distance)
      for (let i = 0; i < 10; ++i) { increment(s, 0); increment(s, 1) }
      expect(s.journeys).toBe(journeys)
      expect(s.counters).toEqual([10, 10])
    }
  })

  test('can be tried', async () => {
    const w = mount(FalseSharing)
    await press(w, 'together')
    expect(text(w, 'counts')).toBe('20 increments, 20 journeys of a line.')
    await w.get('[data-test=distance]').setValue(64)
    await press(w, 'together')
    expect(text(w, 'counts')).toBe('20 increments, 2 journeys of a line.')
  })
})

describe('lanes', () => {
  test('the schedule keeps latency and adders, and reaches the rate', () => {
    for (let accumulators = 1; accumulators <= 12; ++accumulators)
      for (const latency of [2, 3, 4, 5, 6]) {
        const how = { accumulators, latency, adders: 2, cycles: 1200 }
        const starts = schedule(how)
        const perCycle = new Map()
        const last = new Map()
        for (const { accumulator, cycle } of starts) {
          perCycle.set(cycle, (perCycle.get(cycle) ?? 0) + 1)
          expect(cycle - (last.get(accumulator) ?? -latency)).toBeGreaterThanOrEqual(latency)
          last.set(accumulator, cycle)
        }
        expect(Math.max(...perCycle.values())).toBeLessThanOrEqual(2)
        expect(starts.length / 1200).toBeCloseTo(rate(how), 1)
      }
  })

  test('react to the sliders', async () => {
    const w = mount(SimdLanes)
    expect(text(w, 'status')).toContain('13%')
    await w.get('[data-test=accumulators]').setValue(8)
    expect(text(w, 'status')).toContain('The latency is hidden')
  })
})

describe('the pool', () => {
  test('loses no byte', () => {
    for (const spacing of Object.keys(kSpacings)) {
      const s = startPool(spacing)
      for (let i = 0; i < 20; ++i) { allocateMany(s, 50); if (i % 3 === 2) freeSome(s, 0.5) }
      const { asked, slack, free, memory } = totals(s)
      expect(asked + slack + free).toBe(memory)
      expect(slack).toBeGreaterThan(0)
    }
  })

  test('has less slack with more classes', () => {
    const slack = (spacing) => { const s = startPool(spacing); allocateMany(s, 500); return totals(s).slack }
    expect(slack('an eighth apart')).toBeLessThan(slack('powers of two'))
    expect(slack('powers of two')).toBeLessThan(slack('three classes'))
  })

  test('can be tried', async () => {
    const w = mount(SizeClassPool)
    await press(w, 'allocate')
    const before = text(w, 'status')
    await press(w, 'free')
    expect(text(w, 'status')).not.toBe(before)
    const slack = () => Number(/([\d]+) slack/.exec(text(w, 'status'))[1])
    await w.get('[data-test=spacing]').setValue('three classes')
    const coarse = slack()
    await w.get('[data-test=spacing]').setValue('an eighth apart')
    expect(slack()).toBeLessThan(coarse)
  })
})

describe('the layout explorer', () => {
  test('shows the size, the best order and what shares a line', async () => {
    const w = mount(LayoutExplorer)
    expect(text(w, 'status')).toContain('48 bytes')
    expect(text(w, 'status')).toContain('sent and received may share a line')
    expect(text(w, 'best')).toContain('fewer')
    await w.get('[data-test=best] button').trigger('click')
    expect(text(w, 'best')).toContain('No order is smaller')
  })

  test('knows other targets', async () => {
    const w = mount(LayoutExplorer)
    await w.get('[data-test=target]').setValue('i386-linux')
    expect(text(w, 'status')).not.toContain('48 bytes')
    expect(w.findAll('select option').map((o) => o.text())).not.toContain('__int128')
  })
})
