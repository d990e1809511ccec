import { exercises, root } from '../site/exercises.js'

export default {
  watch: [`${root}exercises/*/exercise.json`],
  load: () => exercises().map(({ name, number, title, summary, minutes, edit, builds, steps }) => ({ name, number, title, summary, minutes, edit, builds, steps }))
}
