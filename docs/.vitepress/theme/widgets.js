import { defineAsyncComponent } from 'vue'

// Each widget is loaded by the pages that show it.
const load = {
  FalseSharing: () => import('./widgets/FalseSharing.vue'),
  LayoutExplorer: () => import('./widgets/LayoutExplorer.vue'),
  RingStepper: () => import('./widgets/RingStepper.vue'),
  SimdLanes: () => import('./widgets/SimdLanes.vue'),
  SizeClassPool: () => import('./widgets/SizeClassPool.vue')
}

export const widgets = Object.fromEntries(
  Object.entries(load).map(([name, loader]) => [name, defineAsyncComponent(loader)])
)
