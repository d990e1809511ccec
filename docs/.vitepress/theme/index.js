import { h } from 'vue'
import DefaultTheme from 'vitepress/theme-without-fonts'
import ExerciseCards from './components/ExerciseCards.vue'
import ExerciseTable from './components/ExerciseTable.vue'
import Hero from './components/Hero.vue'
import TaskFacts from './components/TaskFacts.vue'
import './style.css'
import { widgets } from './widgets.js'

export default {
  extends: DefaultTheme,
  Layout: () => h(DefaultTheme.Layout, null, { 'doc-before': () => h(TaskFacts) }),
  enhanceApp({ app }) {
    for (const [name, component] of Object.entries({ ExerciseCards, ExerciseTable, Hero, ...widgets }))
      app.component(name, component)
  }
}
