/** Starts the console: the sign-in, the page that the address asks for, and the frame around it. */
import { forgetWebhooks, get } from './api.js';
import { h, icon, refill } from './dom.js';
import { countUpTo } from './format.js';
import { forget, keep, signedIn, takeFromAddress, token, who } from './session.js';
import { alertBox, badge, empty, head, linkButton } from './ui.js';
import { deadLetters, deliveries } from './pages/deliveries.js';
import { delivery } from './pages/delivery.js';
import { event } from './pages/event.js';
import { events } from './pages/events.js';
import { login } from './pages/login.js';
import { overview } from './pages/overview.js';
import { parked } from './pages/parked.js';
import { replay } from './pages/replay.js';
import { replayForm } from './pages/replay-form.js';
import { replays } from './pages/replays.js';
import { webhook } from './pages/webhook.js';
import { webhookForm } from './pages/webhook-form.js';
import { webhooks } from './pages/webhooks.js';

/** A path's parts beginning with ":" are parameters; the first that matches is taken. */
const ROUTES = [
  ['/', overview], ['/webhooks', webhooks], ['/webhooks/new', webhookForm], ['/webhooks/:id', webhook],
  ['/webhooks/:id/edit', webhookForm], ['/deliveries', deliveries], ['/deliveries/:id', delivery],
  ['/dead-letters', deadLetters], ['/replays', replays], ['/replays/new', replayForm], ['/replays/:id', replay],
  ['/events', events], ['/events/:id', event], ['/parked', parked],
];

const NAV = [
  ['/', 'Overview', 'overview'], ['/webhooks', 'Webhooks', 'webhooks'], ['/deliveries', 'Deliveries', 'deliveries'],
  ['/dead-letters', 'Dead letters', 'dead'], ['/replays', 'Replays', 'replays'], ['/events', 'Events', 'events'],
  ['/parked', 'Parked', 'parked'],
];

const main = document.getElementById('main');
const side = document.getElementById('side');
const counts = Object.fromEntries(['/dead-letters', '/parked'].map((path) => [path, h('span', { class: 'count', hidden: true })]));
let leaving = new AbortController();

function match(path) {
  const parts = path.split('/');
  for (const [pattern, page] of ROUTES) {
    const wanted = pattern.split('/');
    if (wanted.length === parts.length && wanted.every((part, i) => (part.startsWith(':') ? parts[i] : part === parts[i]))) {
      const params = wanted.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), decodeURIComponent(parts[i])]] : []));
      return { page, params: Object.fromEntries(params) };
    }
  }
  return { page: nothingHere, params: {} };
}

const nothingHere = () => h('div', null, head('Not found'),
  empty('There is no such page', 'The address may be from another version.', linkButton('#/', 'To the overview', 'primary')));

/** The values for a page: the address's parameters, and a signal that ends its work when it is left. */
function viewOf(path, search, params, signal) {
  const query = new URLSearchParams(search);
  return {
    params,
    query,
    signal,
    setQuery(values) {
      for (const [name, value] of Object.entries(values)) {
        value ? query.set(name, value) : query.delete(name);
      }
      history.replaceState(null, '', `#${path}${query.size ? `?${query}` : ''}`);
    },
    /** Shows the page afresh. */
    reload: show,
    /** Repeats a task while the page is shown and the tab is in front; after a failure the next turn tries again. */
    every(millis, work) {
      const timer = setInterval(() => document.hidden || work().catch(() => {}), millis);
      signal.addEventListener('abort', () => clearInterval(timer));
    },
  };
}

async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const [path, search = ''] = (location.hash.slice(1) || '/').split('?');
  const { page, params } = match(path);
  forgetWebhooks();
  highlight(path);
  main.setAttribute('aria-busy', 'true');
  let shown;
  try {
    shown = await page(viewOf(path, search, params, signal));
  } catch (e) {
    if (e.name !== 'AbortError') {
      shown = h('div', null, head(e.status === 404 ? 'Not found' : 'This page cannot be shown'),
        alertBox(e.message, h('div', { class: 'actions' }, h('button', { type: 'button', onclick: show }, 'Try again'))));
    }
  }
  if (signal.aborted || !shown) {
    return;
  }
  main.removeAttribute('aria-busy');
  main.replaceChildren(shown);
  scrollTo(0, 0);
  const title = main.querySelector('h1');
  document.title = `${title.textContent} · crm-webhooks`;
  title.focus();
}

function highlight(path) {
  for (const link of document.querySelectorAll('#nav a')) {
    const own = link.getAttribute('href').slice(1);
    const here = own === '/' ? path === '/' : path.startsWith(own);
    here ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current');
  }
}

/** How many wait for somebody, beside the names of their pages. */
async function countWaiting() {
  const { total } = await get('/rest/stats', { minutes: 1 });
  for (const [path, number] of [['/dead-letters', total.deadLetters], ['/parked', total.parked]]) {
    counts[path].hidden = number === 0;
    counts[path].textContent = countUpTo(number);
  }
}

function frame() {
  refill(document.getElementById('nav'), NAV.map(([path, name, drawing]) => h('a', { href: `#${path}` }, icon(drawing), name,
    counts[path])));
  const { name, role, workspace, version } = who();
  refill(document.getElementById('who'), h('p', null, h('span', { class: 'name' }, name), ' ', badge('idle', role)),
    workspace !== null && h('p', null, `Workspace ${workspace || '(the empty one)'}`),
    h('p', null, h('a', { href: '/openapi.json' }, 'API'), ` · ${version}`),
    h('button', { type: 'button', class: 'small', onclick: () => { forget(); start(); } }, 'Sign out'));
  side.hidden = false;
}

/** Asks for a token when there is no valid one. */
async function start(message) {
  leaving.abort();
  const offered = takeFromAddress();
  if (offered && !token()) {
    keep(offered);
  }
  try {
    if (token()) {
      signedIn(await get('/rest/caller'));
    }
    // The author of a link must not choose the token that its reader works with.
    if (offered && offered !== token()
      && window.confirm(`You are signed in as ${who().name}. Sign in with the token of this link instead?`)) {
      keep(offered);
      signedIn(await get('/rest/caller'));
    }
  } catch (e) {
    if (offered && offered !== token()) {
      keep(offered);
      return start();
    }
    message = e.status === 401 ? 'This token is not valid (any more). Sign in with another one.' : e.message;
  }
  if (who()) {
    frame();
    countWaiting().catch(() => {});
    return show();
  }
  side.hidden = true;
  main.removeAttribute('aria-busy');
  main.replaceChildren(login(message, () => start()));
  document.title = 'Sign in · crm-webhooks';
  return undefined;
}

addEventListener('hashchange', () => {
  if (location.hash.startsWith('#token=')) {
    start();
  } else if (who()) {
    show();
  }
});
addEventListener('signed-out', () => who() === null && main.querySelector('form.login') === null
  && start('You have been signed out: the token is not valid any more.'));
document.getElementById('skip').addEventListener('click', () => main.focus());
setInterval(() => document.hidden || !who() || countWaiting().catch(() => {}), 10_000);
start();
