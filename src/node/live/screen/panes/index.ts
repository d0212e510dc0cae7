import type { Pane } from '../pane.ts';
import type { PaneName } from '../state.ts';
import { findingsPane } from './findings.ts';
import { flowsPane } from './flows.ts';
import { serversPane } from './servers.ts';
import { statesPane } from './states.ts';

/** The lists of the screen by name. */
export const PANES: { readonly [name in PaneName]: Pane } = { states: statesPane, findings: findingsPane, servers: serversPane, flows: flowsPane };
