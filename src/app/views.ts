// The views there are, in the order of the navigation and of the keys 1 to 6. Each is loaded when it is first opened.
import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import type { TextKey } from '../text/catalogue';

export type ViewId = 'train' | 'lab' | 'diagnostics' | 'about';

export interface View {
  readonly id: ViewId;
  readonly label: TextKey;
  /** It starts the engine when it is opened. */
  readonly asksModel: boolean;
  readonly Content: LazyExoticComponent<ComponentType>;
}

export const VIEWS: readonly View[] = [
  {
    id: 'train',
    label: 'app.view.train',
    asksModel: true,
    Content: lazy(() => import('../views/train/TrainView')),
  },
  {
    id: 'lab',
    label: 'app.view.lab',
    asksModel: true,
    Content: lazy(() => import('../views/lab/LabView')),
  },
  {
    id: 'diagnostics',
    label: 'app.view.diagnostics',
    asksModel: true,
    Content: lazy(() => import('../views/diagnostics/DiagnosticsView')),
  },
  {
    id: 'about',
    label: 'app.view.about',
    asksModel: false,
    Content: lazy(() => import('../views/about/AboutView')),
  },
];

export const VIEW_IDS = VIEWS.map(({ id }) => id) as [ViewId, ...ViewId[]];
