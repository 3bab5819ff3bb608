/** Tables, which become cards where the screen is narrow, and lists that come in pages. */
import { get } from './api.js';
import { h, refill } from './dom.js';
import { alertBox, empty } from './ui.js';

/** Number of pages without a match after which the reader is asked whether to go on. */
const LOOKED_THROUGH = 20;

/**
 * @param columns name, cell(row) and perhaps class
 * @param label the table's content, for readers who do not see it
 */
export function table(label, columns, rows) {
  return h('table', { 'aria-label': label },
    h('thead', null, h('tr', null, columns.map((column) => h('th', { scope: 'col', class: column.class }, column.name)))),
    h('tbody', null, rows.map((row) => h('tr', { class: row.class },
      columns.map((column) => h('td', { class: column.class, 'data-label': column.name }, h('div', { class: 'bounded' }, column.cell(row))))))));
}

/**
 * A list of the API with its pages. The address names the page, so that a reader who comes back finds it again.
 *
 * @param view of the page
 * @param list path, label, columns, filters (gives the query), none (gives the text for an empty list), shown
 *     (called with the rows of each page), failed (takes an error that it can show better)
 */
export function pages(view, list) {
  const body = h('div', { class: 'card flush' });
  const before = [];
  const pager = h('nav', { class: 'pager', 'aria-label': 'Pages of the list' });
  const to = async (cursor, back) => {
    view.setQuery({ cursor });
    await load();
    if (!back) {
      body.scrollIntoView({ block: 'nearest' });
    }
  };

  async function fetchPage(cursor) {
    let page = { data: [], nextCursor: cursor };
    for (let i = 0; i < LOOKED_THROUGH && page.data.length === 0 && (i === 0 || page.nextCursor); i++) {
      page = await get(list.path, { ...list.filters?.(), cursor: page.nextCursor, limit: list.limit ?? 50 }, view.signal);
    }
    return page;
  }

  async function load() {
    const cursor = view.query.get('cursor') ?? '';
    body.setAttribute('aria-busy', 'true');
    try {
      const page = await fetchPage(cursor);
      list.shown?.(page.data);
      refill(body, page.data.length > 0 ? table(list.label, list.columns, page.data)
        : page.nextCursor ? empty('Nothing found so far', 'There is more to look through. Go on, or narrow the time.')
          : list.none(cursor !== ''));
      refill(pager,
        cursor && h('button', { type: 'button', onclick: () => { before.length = 0; to(''); } }, 'Newest'),
        before.length > 0 && h('button', { type: 'button', onclick: () => to(before.pop(), true) }, 'Newer'),
        page.nextCursor && h('button', { type: 'button', onclick: () => { before.push(cursor); to(page.nextCursor); } },
          page.data.length > 0 ? 'Older' : 'Go on looking'));
    } catch (e) {
      if (e.name !== 'AbortError' && !list.failed?.(e)) {
        refill(body, alertBox(e.message));
      }
    } finally {
      body.removeAttribute('aria-busy');
    }
  }

  const first = () => {
    before.length = 0;
    view.setQuery({ cursor: '' });
    return load();
  };
  return { node: h('div', { class: 'list' }, body, pager), load, first };
}
