// Where the page begins.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import './components/tokens.css';
import { assert } from './core/assert';
import { startEarly } from './app/startEarly';
import { planFault } from './stores/fault';

planFault(location.search);
startEarly();
const root = document.getElementById('root');
assert(root !== null, 'index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
